module { public func of(n : Nat) : Nat { 2 * n } };

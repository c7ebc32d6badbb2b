module { public func of(n : Nat) : Nat { n + n } };

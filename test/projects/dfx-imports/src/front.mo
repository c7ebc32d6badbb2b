import back "canister:back";

persistent actor {
  public func quadruple(n : Nat) : async Nat { await back.double(await back.double(n)) };
};

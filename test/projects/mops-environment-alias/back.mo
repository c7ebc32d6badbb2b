persistent actor {
  public query func double(n : Nat) : async Nat { 2 * n };
};

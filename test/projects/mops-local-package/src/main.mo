import Double "mo:numbers/Double";

persistent actor {
  public query func twice(n : Nat) : async Nat { Double.of(n) };
};

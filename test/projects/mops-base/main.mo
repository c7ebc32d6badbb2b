import Text "mo:base/Text";

persistent actor {
  public query func size(text : Text) : async Nat { Text.size(text) };
};

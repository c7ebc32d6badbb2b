import Map "mo:core/Map";
import Text "mo:core/Text";
import Shop "canister:shop";

/// Keeps the goods, and tells the shop when one has run out.
persistent actor Stock {
  let goods = Map.empty<Text, Nat>();

  func left(item : Text) : Nat {
    switch (Map.get(goods, Text.compare, item)) { case (?pieces) pieces; case null 0 }
  };

  /// Adds pieces and gives how many there are.
  public func fill(item : Text, pieces : Nat) : async Nat {
    Map.add(goods, Text.compare, item, left(item) + pieces);
    left(item)
  };

  /// Gives one piece away, if there is one.
  public func take(item : Text) : async Bool {
    let pieces = left(item);
    if (pieces == 0) return false;
    Map.add(goods, Text.compare, item, pieces - 1 : Nat);
    if (pieces == 1) await Shop.ranOut(item);
    true
  };
};

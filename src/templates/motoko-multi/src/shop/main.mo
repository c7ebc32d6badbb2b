import List "mo:core/List";
import Stock "canister:stock";

/// Sells what the other canister has in stock.
persistent actor Shop {
  let wanted = List.empty<Text>();

  /// Takes one piece from the stock.
  public func buy(item : Text) : async Text {
    if (await Stock.take(item)) "Here is your " # item # "." else "We have no " # item # "."
  };

  /// The stock tells that it gave the last one away.
  public func ranOut(item : Text) : async () { List.add(wanted, item) };

  /// What must be ordered again.
  public query func toOrder() : async [Text] { List.toArray(wanted) };
};

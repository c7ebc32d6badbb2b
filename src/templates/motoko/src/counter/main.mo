import Debug "mo:core/Debug";

/// Counts. The number survives upgrades: variables of a persistent actor are kept.
persistent actor Counter {
  var count : Nat = 0;

  /// Adds to the count and gives the new value.
  public func increment(by : Nat) : async Nat {
    count += by;
    Debug.print("count is now " # debug_show count);
    count
  };

  /// The count, without changing it.
  public query func get() : async Nat { count };
};

import type { Covered, Where } from "../spec/coverage.ts";

const at = (file: string) => (title: string): Where => ({ file: `${file}.test.ts`, title });
const why = (reason: string): Where => ({ reason });
const crashes = at("sim/scenarios/crashes"), liars = at("sim/scenarios/liars"), slowness = at("sim/scenarios/slowness"), states = at("sim/scenarios/states"), seeds = at("sim/seeds"), randomness = at("sim/randomness"), random = at("agreement/randomness");
const keys = at("agreement/keyGeneration"), fourNodes = at("agreement/fourNodes"), thirteen = at("agreement/thirteen"), boundary = at("agreement/boundary"), divergence = at("agreement/divergence"), upgrade = at("agreement/upgrade");
const reshared = at("agreement/reshared"), storm = at("xnet/storm"), night = (part: string): ((title: string) => Where) => at(`nightly/${part}`);

/** A row of the protocol digest: its number, what it claims in parts, and where each part is shown. */
export interface Claim { readonly row: number; readonly says: string; readonly parts: readonly Covered[] }

/** The fault scenarios of the protocol digest, §1.9, with what each expects. */
export const SCENARIOS: readonly Claim[] = [
  { row: 1, says: "f nodes crash, and come back from disk", parts: [["the others go on; who comes back replays from its checkpoint and contradicts nothing", crashes("1: f nodes crash")], ["a whole network of real nodes", fourNodes("four nodes: one may stop")]] },
  { row: 2, says: "f+1 nodes crash", parts: [["nothing final, no fork; back again it goes on", crashes("2: f+1 nodes crash")], ["queries answer meanwhile", fourNodes("with two gone updates wait and queries answer")]] },
  { row: 3, says: "partition of 2f+1 and f", parts: [["the majority goes on, the minority notarizes nothing and catches up", crashes("3: a partition of 2f+1 and f")]] },
  { row: 4, says: "partition without 2f+1 on any side", parts: [["all stall, and go on a few rounds after it", crashes("4: a partition without 2f+1")]] },
  { row: 5, says: "the first maker equivocates", parts: [["one or none becomes final, a proof names it", liars("5: an equivocating maker")]] },
  { row: 6, says: "f nodes notarize and finalize everything", parts: [["at most more is notarized", liars("6: f nodes notarize and finalize everything")]] },
  { row: 7, says: "withheld shares", parts: [["f nodes: the others do without", liars("7: f nodes withhold each")], ["too few for the tape: final, not executed, and a stop 70 heights on", liars("7: too few shares of the tape")]] },
  { row: 8, says: "invalid shares", parts: [["thrown out, aggregates form", liars("8: f nodes send shares with a flipped byte")], ["who sent a bad one is found when what was combined does not verify", thirteen("a bad share among nine is named")]] },
  { row: 9, says: "a block with an invalid payload", parts: [
    ["notarized by nobody honest, the next rank wins", liars("9: a payload that is no good")], ["from the future: waited for", liars("9: a block from the future")],
    ["bad and repeated messages of users", at("unit/replica/consensus/ingressSection")("what a validator refuses")], ["gaps in streams", at("unit/replica/consensus/xnetSection")("what a validator refuses")],
  ] },
  { row: 10, says: "a slow node", parts: [["follows; its blocks come too late", slowness("10: a slow node follows")]] },
  { row: 11, says: "clocks that stand still or are ten seconds off", parts: [["it goes on, and block time only grows", slowness("11: f clocks are ten seconds")]] },
  { row: 12, says: "slow execution everywhere", parts: [["notaries wait ever longer, stop at 70, go on", slowness("12: execution is slow everywhere")]] },
  { row: 13, says: "a slow checkpoint at the end of an interval", parts: [["its package is made all the same", slowness("13: a checkpoint that takes long")], ["also where the registry lets the subnet stop", at("agreement/slowCheckpoint")("scenario 13: a checkpoint that takes long")]] },
  { row: 14, says: "a flipped bit in one node's state", parts: [["certifies nothing with the others, is told by the next package, comes back", states("14: a flipped bit")], ["the same with real memories and files", divergence("a node with one flipped bit")]] },
  { row: 15, says: "f bad dealers, and more", parts: [["left out; more of them, and the keys stay", states("15: f dealers deal badly")], ["each way to deal badly", keys("bad dealers (scenario 15)")]] },
  { row: 16, says: "membership changes while f nodes are faulty", parts: [["one by one, one of them silent: the key stays, old shares sign nothing", keys("all nodes are replaced one by one, one of them silent")], ["f silent over intervals", states("16: with f nodes silent")], ["opened again with another interval", at("agreement/anotherInterval")("four nodes that are opened in turn")]] },
  { row: 17, says: "duplicates, reordering, 30 % loss", parts: [["one chain, only slower", slowness("17: 30 % loss")], ["the very chain that there is without loss", why("a block carries the time of its making, and a slower network makes it later: chains differ in time, not in their rules; what is executed is one order on all nodes")]] },
  { row: 18, says: "a flood of artifacts of far heights", parts: [["pools stay small, nothing slows down", liars("18: a flood of artifacts")], ["forgeries take no true share's place", liars("18: a flood of shares")]] },
];

/** The demonstrations of the protocol digest, §7, that are about consensus, messages between subnets and the evolution of chains. */
export const CLAIMS: readonly Claim[] = [
  { row: 3, says: "a subnet is an independent chain", parts: [["another one stays as fast when it is down, and calls to it wait or end as unknown", at("xnet/downSubnet")("a subnet that is down stops nobody else")]] },
  { row: 4, says: "replication with fault tolerance", parts: [
    ["with f of n down updates succeed", fourNodes("four nodes: one may stop")], ["a round takes a unit delay more for each of its first makers that is down, and no more otherwise", at("agreement/latency")("with f of seven nodes down")],
    ["with f+1 nothing becomes final, queries answer", fourNodes("with two gone updates wait")], ["certified reads of the old state verify meanwhile", night("join")("with f+1 of four nodes down")], ["roots of states are equal on all live nodes", seeds("break no rule"), night("join")("with f+1 of four nodes down")],
  ] },
  { row: 5, says: "one order under attack", parts: [
    ["a thousand seeds, no violation", night("sim")("a thousand seeds of 4, 7 and 13 nodes")], ["twenty of them every day", seeds("break no rule")], ["all classes of faults are among them", seeds("show many classes of faults")],
    ["the proof names the culprit", liars("5: an equivocating maker")], ["the rules themselves catch planted bugs", at("sim/planted")("one of them is caught by its rule")],
  ] },
  { row: 6, says: "final in a second or two", parts: [["thirteen nodes over wide-area delays: the median, and 99 of a hundred", night("wideArea")("thirteen nodes with wide-area delays")], ["no final block is ever replaced", night("wideArea")("no final block is ever replaced"), seeds("break no rule")]] },
  { row: 8, says: "asynchronous messages between subnets", parts: [
    ["ten thousand calls through loss and partition: one answer each, in order, every cycle", night("xnet")("10,000 calls each way between any two")], ["some thousand every day, with forged, misdirected and old slices", storm("four subnets, 504 calls out of each")],
    ["what f and 2f nodes of a subnet certify falsely is in no block", at("xnet/lyingNodes")("a slice of a state that the subnet never had")], ["block makers that forge slices, among all other faults", night("sim")("every fault class, and no rule is broken")],
  ] },
  { row: 9, says: "one root key verifies everything", parts: [
    ["published agents check certificates below the root key", thirteen("a certificate of thirteen nodes in the unmodified")], ["the key stays over ten reshares and complete replacement; 2f shares certify nothing", reshared("ten reshares, each to four nodes")],
    ["the same on a chain that certifies all along", night("reshared")("a subnet whose nodes are all replaced")],
  ] },
  { row: 10, says: "certified reads and queries", parts: [
    ["a tampered answer is refused by the agent", boundary("the agent refuses what a node or somebody between changes")], ["each node signs its own answers", boundary("lets each node be addressed")], ["certified data in the certificate of a query", at("spec/publicInterface")("the certificate of a query shows")],
  ] },
  { row: 11, says: "nodes join without all blocks", parts: [["who was away takes a state over and executes what is above it", states("a node that was away while the others went on for five intervals")], ["real nodes: crash, liar, fewer bytes than the state", night("sync")("a node whose peers have purged")],
    ["at height 5,230 less than 600 batches, then the tip and a share of the next package", night("join")("a node that begins with nothing at height 5,230")],
    ["no more bytes than the state and 5 %", at("unit/replica/stateManager/sync/stateSync")("moves what it is large plus 5 %")], ["of what a node has already the changed chunks alone", at("unit/replica/stateManager/sync/stateSync")("takes from the node's own state what did not change")]] },
  { row: 12, says: "faulty nodes are found and replaced", parts: [["named with canister and chunk, wiped and synced", divergence("a node with one flipped bit")], ["a replaced node's shares are worth nothing", keys("the old committee's shares are worth nothing"), at("xnet/lyingNodes")("under shares of nodes that were replaced")]] },
  { row: 13, says: "upgrades without a fork", parts: [
    ["one height on all nodes, empty blocks behind it, one state, queries all along", upgrade("four nodes go on with another replica version")], ["the root subnet, and a restart that replays blocks of both versions", at("agreement/upgradeRoot")("the root subnet changes its version and back")],
    ["subnets in threads; how long it takes is measured", night("upgrade")("%s: subnets and the root subnet change their versions")], ["canisters are the same before and after, blocks name their version", night("upgrade")("the files of a canister are the same below and above an upgrade")],
    ["what nodes of the other version send is not looked at", at("unit/replica/consensus/replicaVersions")("a node that runs another version than whoever sends")],
  ] },
  { row: 14, says: "the beacon and the tape are unpredictable and unbiased", parts: [
    ["ranks over 5,000 rounds", randomness("ranks are fair"), random("every node is of every rank about as often as the others")],
    ["the shares of f nodes do not make the value, those of any f+1 do", random("on the real curve the shares of any f+1 of seven nodes")], ["withholding changes no value", randomness("beacons and tapes do not depend on who withholds")],
    ["the same on all nodes", random("the randomness of a batch is the same for all nodes")], ["who asks in a round is answered in the next", at("unit/replica/execution/lifecycle")("raw_rand answers in the next round")],
  ] },
  { row: 17, says: "keys without a dealer", parts: [
    ["a lying dealer is out, by a proof that everybody checks", keys("a complaint proves itself")], ["nobody ever holds the secret", at("unit/replica/crypto/masterSecret")("is constructed by nobody")],
  ] },
  { row: 20, says: "scales by adding subnets", parts: [["one to eight subnets: messages grow with them, latencies stay", night("scale")("one to eight subnets under equal load")], ["what one machine can compute", why("the subnets of a local network share the processors of one machine: throughput by the clock is what scripts/bench measures, and no claim of the protocol")]] },
];

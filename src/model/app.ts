/**
 * An app as the daemon knows it after the config was read: every value present, every duration in milliseconds.
 * Made in one place (config/load), and never changed: another config has another one.
 */
import type { AskedCheck, Checks } from './check.ts';
import type { Windows } from './window.ts';

/** `asc`: the highest wins. `desc`: the lowest. */
export type TagOrder = 'asc' | 'desc';

/** How a tag is chosen of those that the filter leaves. One kind per policy; new kinds are added here and in policy/choose. */
export type TagRule =
  | { readonly kind: 'semver'; readonly range: string; readonly prerelease: boolean }
  | { readonly kind: 'numerical'; readonly order: TagOrder }
  /** By code points. */
  | { readonly kind: 'alphabetical'; readonly order: TagOrder }
  /** `format` is made of the tokens of calver.org, such as `YYYY.0M.MICRO`. */
  | { readonly kind: 'calver'; readonly format: string }
  /** By the time that the registry gives. */
  | { readonly kind: 'newest' }
  /** Follows one tag that is pushed again and again. `once`: one digest for each name of the tag. */
  | { readonly kind: 'digest'; readonly tag: string; readonly update: 'never' | 'once' | 'always' }
  /** Short for `newest` of the tags that match as a whole. */
  | { readonly kind: 'regex'; readonly pattern: string }
  /** Always this one: a tag, or a digest. */
  | { readonly kind: 'pin'; readonly to: string };

/** What is left out before the rule chooses. Patterns are those of RE2. */
export interface TagFilter {
  readonly include: string | undefined;
  /** What the rule reads in place of the tag, from the groups of `include`: `$n`, `${n}`, `$1`; `$$` is a dollar. */
  readonly extract: string | undefined;
  readonly exclude: readonly string[];
  /** Tags, and digests (`sha256:…`). */
  readonly deny: readonly string[];
  /** Since the push. */
  readonly minAgeMs: number;
}

/** Without a filter, policy/filter's default is used. */
export type TagPolicy = TagRule & { readonly filter?: TagFilter };

/** A PEM block as it stood in a file when the config was read. */
export interface TrustedPem {
  /** As the config names the file. */
  readonly file: string;
  readonly pem: string;
}

/** Whose signatures count: an image needs one by any of them. */
export type Verification =
  | {
      readonly kind: 'cosign';
      readonly keys: readonly TrustedPem[];
      /** The name that a signature has to be for, as its signer gave it; undefined: any. */
      readonly reference: string | undefined;
    }
  | { readonly kind: 'notation'; readonly certificates: readonly TrustedPem[] };

/** One container of the template and the repository that it follows. */
export interface ImageSource {
  readonly container: string;
  /** Registry host as in image names, e.g. `shop.azurecr.io`. */
  readonly registry: string;
  readonly repository: string;
  readonly policy: TagPolicy;
  /** Undefined: signatures are not looked at. */
  readonly verify?: Verification;
}

/** Where a secret comes from. The value is read when it is needed and never kept. */
export type SecretReference =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly keyVault: VaultSecret }
  /** Text around secrets, such as a connection string. */
  | { readonly join: readonly (string | SecretReference)[] };

export interface VaultSecret {
  /** Such as `https://shop.vault.azure.net`. */
  readonly vault: string;
  readonly secret: string;
  /** The newest where absent. */
  readonly version?: string | undefined;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

/** The container group as `az container create --file` takes it, whatever format it came in; all other fields as written. */
export interface GroupTemplate {
  /** Absolute path of the file, for messages. */
  readonly file: string;
  /** That its secrets in files are named from, as seen from the folder of the config; that of the file where absent. */
  readonly folder?: string | undefined;
  /** With `variants` where some groups have something else. */
  readonly document: JsonObject;
  /** 16 hex digits over the document as written (secret references, not their values). */
  readonly hash: string;
  /** Names of its containers, in order. */
  readonly containers: readonly string[];
  /** Where the versions of its secrets count: they stand in the document, and in the hash, as last looked up. */
  readonly versions?: SecretVersions;
}

/** `unknown`: why the newest cannot be told, so that nothing new is begun. */
export type SecretVersions =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown'; readonly reason: string; readonly stalled: boolean };

/** Straight to one group, past Traffic Manager: a request, or for `tcp` a connection alone. */
export type ProbeSettings = HttpProbe | TcpProbe;

export interface HttpProbe extends ProbePace {
  readonly scheme: 'http' | 'https';
  readonly path: string;
  /** Host header; the target's own name where undefined. */
  readonly host: string | undefined;
  /** Accepted status codes, both ends included. */
  readonly statuses: readonly { readonly from: number; readonly to: number }[];
}

export interface TcpProbe extends ProbePace {
  readonly scheme: 'tcp';
}

interface ProbePace {
  readonly port: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Successes in a row that make a group verified. */
  readonly successes: number;
  /** Failures in a row, after the first success or with the group running for `graceMs`, that condemn the release. */
  readonly failures: number;
  readonly graceMs: number;
}

/** As Azure writes it: from `first` to `last`, or the block of `scope` bits that begins at `first`; else one address. */
export interface SubnetRange {
  readonly first: string;
  readonly last?: string;
  readonly scope?: number;
}

/** What the endpoint of one location is mapped to, where none is there yet to take it over from. */
export interface TrafficMapping {
  /** Codes such as `DE`, `GEO-EU`, `WORLD`; for routing method Geographic. */
  readonly geoMapping?: readonly string[];
  /** For routing method Subnet. */
  readonly subnets?: readonly SubnetRange[];
  /** 1–1000; for routing method Priority. */
  readonly priority?: number;
}

export interface TrafficSettings {
  readonly resourceGroup: string;
  readonly profile: string;
  /** Weight of each endpoint, 1–1000. */
  readonly weight: number;
  /** True where undefined: Traffic Manager's own name servers are asked whether a removal has reached them. */
  readonly confirmRemoval?: boolean;
  /** Profiles that this one is nested in, at any depth; none where absent. */
  readonly parents?: readonly { readonly resourceGroup: string; readonly profile: string }[];
  /** New endpoints beside the old ones, or the old ones led elsewhere. By the profile's routing method where undefined. */
  readonly switch?: 'beside' | 'inPlace';
  /** By location. */
  readonly mappings?: Readonly<Record<string, TrafficMapping>>;
}

/** How one stack takes the other's place. One kind per strategy; new kinds are added here and in rollout/strategies. */
export type Strategy =
  | { readonly kind: 'blueGreen' }
  /** A few groups at a time: at most `maxSurge` more than there shall be, at most `maxUnavailable` fewer that serve. */
  | { readonly kind: 'rolling'; readonly maxSurge: number; readonly maxUnavailable: number }
  /** Growing shares of new answers, each watched for a while. */
  | { readonly kind: 'canary'; readonly steps: readonly CanaryStep[] }
  /** Some locations after the others. */
  | { readonly kind: 'waves'; readonly waves: readonly Wave[] }
  /** For what serves no traffic. `oldFirst`: never two at a time, as a single writer needs. */
  | { readonly kind: 'recreate'; readonly order: 'newFirst' | 'oldFirst' };

export interface CanaryStep {
  /** Percent of new answers that lead to the candidate, above 0 and below 100. */
  readonly share: number;
  readonly bakeMs: number;
  /** Asked after the bake. */
  readonly gate?: Gate | undefined;
}

export interface Wave {
  readonly locations: readonly string[];
  readonly bakeMs: number;
  readonly gate?: Gate | undefined;
}

/** Where a rollout waits for people. */
export interface Gate {
  /** So many different people have to promote it. */
  readonly approvals: number;
  /** It opens by itself after that; undefined: never. */
  readonly autoAfterMs?: number | undefined;
  readonly timeoutMs: number;
  readonly onTimeout: 'rollBack' | 'promote';
}

/** What becomes of the stack that is replaced. */
export interface Retain {
  /** Absent: until newer ones push it out. */
  readonly forMs?: number | undefined;
  /** Stacks that are kept at most, the newest. */
  readonly count: number;
  /**
   * `stopped`: its groups are there, and cost nothing for CPU and memory. `gone`: it is deleted, and made anew on the way
   * back. Absent: it stays as it is, warm.
   */
  readonly as?: 'stopped' | 'gone' | undefined;
}

export type Tags = Readonly<Record<string, string>>;

/** Tags that groups carry beside those of their template, by what their stack is. */
export interface RoleTags {
  readonly candidate: Tags;
  readonly live: Tags;
}

/** What says that groups out of rotation have no traffic left. */
export interface DrainUntil {
  /** A success: none is left. As many as its `count` in a row end the drain. */
  readonly check: AskedCheck;
  /** From the end of the TTL; then the drain ends, whatever it says. */
  readonly maxMs: number;
}

/** How a rollout goes. Stored with each rollout: a changed config counts for the next one. */
export interface RolloutSettings {
  readonly strategy: Strategy;
  /** Between the switch and the drain: how long the candidate is watched under traffic; none where absent. */
  readonly bakeMs?: number | undefined;
  /** Before the candidate gets traffic. */
  readonly promotion?: Gate | undefined;
  /** So many groups of a location are made, checked and shown first; absent: all at once. */
  readonly preview?: { readonly replicas: number } | undefined;
  /** Absent: groups carry the same tags for as long as they are there. */
  readonly tags?: RoleTags | undefined;
  /** Absent: the replaced stack is deleted. */
  readonly retain?: Retain | undefined;
  /** How long a failed candidate is kept, out of rotation, for somebody to look at it; not at all where absent. */
  readonly keepFailedMs?: number | undefined;
  /** Added to the TTL: Traffic Manager's own name servers need a while to learn of a change. */
  readonly propagationMarginMs: number;
  /** After TTL and margin: for connections that are still open. */
  readonly drainMs: number;
  /** Absent: the drain time is all that is waited for. */
  readonly drainUntil?: DrainUntil | undefined;
  /** How often what is in motion is looked at. */
  readonly observeIntervalMs: number;
  /** In so many looks in a row every endpoint must be Online; 1 where absent. */
  readonly onlineLooks?: number | undefined;
  readonly deadlines: {
    readonly provisionMs: number;
    readonly verifyMs: number;
    readonly registerMs: number;
    readonly onlineMs: number;
    readonly deregisterMs: number;
    readonly retireMs: number;
    /** From the start of the rollout, without the time in which it is held; absent: none. */
    readonly totalMs?: number | undefined;
  };
  /** When a deadline passes and there is a way back; `rollBack` where absent. */
  readonly onDeadline?: 'rollBack' | 'wait' | undefined;
  /** Undefined where none are asked for. */
  readonly checks?: Checks | undefined;
}

/** Per second of one container group that runs; what is undefined counts as nothing. */
export interface Prices {
  /** As people write it, e.g. `EUR`. */
  readonly currency: string;
  readonly cpuPerSecond?: number | undefined;
  readonly memoryGbPerSecond?: number | undefined;
  /** Of the group itself, e.g. for its public address. */
  readonly groupPerSecond?: number | undefined;
}

export interface App {
  /** Lower-case letters, digits and hyphens, at most 25 characters: it begins the names of groups. */
  readonly name: string;
  readonly images: readonly ImageSource[];
  readonly template: GroupTemplate;
  /** `newRelease`: a new version of one of its key vaults' secrets is a new release. Absent: it is none. */
  readonly secretVersions?: 'newRelease';
  readonly resourceGroup: string;
  readonly locations: readonly string[];
  /** Groups per location. */
  readonly replicas: number;
  /** Undefined for a worker that serves no traffic. */
  readonly traffic: TrafficSettings | undefined;
  /** Undefined: a group that runs without a restart for a while is verified. */
  readonly probe: ProbeSettings | undefined;
  readonly rollout: RolloutSettings;
  /** Once one of several images has changed, a rollout waits for so long for another change; 0 where only one can change. */
  readonly settleMs: number;
  /** A live endpoint that stays Degraded for so long makes its stack be replaced. */
  readonly repairAfterMs: number;
  /** `notify`: new releases are reported, nothing is changed. Absent: it acts. */
  readonly mode?: 'act' | 'notify';
  /** Those of the whole config and its own: all must be open. Absent: at any time. */
  readonly windows?: readonly Windows[];
  /** A name among the limits of the settings. */
  readonly group?: string;
  /** Absent: nothing is told in money. */
  readonly prices?: Prices;
  /** Names of apps that go first. */
  readonly after?: readonly string[];
  /** What happens after an operator's rollback, beside that the release is not started again; absent: `untilNewer`. */
  readonly afterRollback?: AfterRollback;
}

/** `hold`: no rollout starts until the app is released. `untilNewer`: a newer release than the one that was left does. */
export type AfterRollback = 'hold' | 'untilNewer';

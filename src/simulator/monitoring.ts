/** Traffic Manager's probes: what they find of each endpoint, again and again. Nested endpoints are not probed. */
import type { SimClock } from './http.ts';
import type { MonitorConfig } from './monitor-config.ts';
import type { Endpoint, Profile } from './profile.ts';

/** One probe: true where the target answers as it should. */
export type MonitorProbe = (target: string, monitor: MonitorConfig) => Promise<boolean>;

export interface MonitoringGiven {
  readonly clock: SimClock;
  readonly probe: MonitorProbe;
  readonly options: { readonly probeIntervalMs: number | undefined };
  readonly onChange: () => void;
}

export class Monitoring {
  readonly #given: MonitoringGiven;

  constructor(given: MonitoringGiven) {
    this.#given = given;
  }

  /** From the start; ends what watched the endpoint before. */
  watch(profile: Profile, endpoint: Endpoint): void {
    endpoint.cancel();
    endpoint.monitor = 'CheckingEndpoint';
    endpoint.failures = 0;
    if (!endpoint.enabled || endpoint.kind === 'nested') return;
    const { clock, probe, options } = this.#given;
    const intervalMs = options.probeIntervalMs ?? profile.monitor.intervalInSeconds * 1000;
    let isEnded = false;
    let cancel: () => void = () => undefined;
    const round = async () => {
      const ok = await probe(endpoint.target, profile.monitor);
      if (isEnded) return;
      this.#judge(profile, endpoint, ok);
      cancel = clock.after(intervalMs, () => void round());
    };
    cancel = clock.after(intervalMs, () => void round());
    endpoint.cancel = () => {
      isEnded = true;
      cancel();
    };
  }

  #judge(profile: Profile, endpoint: Endpoint, ok: boolean): void {
    const before = endpoint.monitor;
    endpoint.failures = ok ? 0 : endpoint.failures + 1;
    if (ok) endpoint.monitor = 'Online';
    else if (endpoint.failures > profile.monitor.toleratedNumberOfFailures) endpoint.monitor = 'Degraded';
    if (endpoint.monitor !== before) this.#given.onChange();
  }
}

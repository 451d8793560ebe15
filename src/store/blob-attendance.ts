/**
 * Who attends, in Azure Blob Storage: one blob per life of a daemon and config that it runs, written again and again,
 * whose metadata says which. Times are the service's alone. Traces of what is over are taken away, a few at a time.
 */
import type { BlobItem, ContainerClient } from '@azure/storage-blob';
import { attendantNow, forgettable, isAlive } from '../controller/attendance.ts';
import type { Attendance, Attendant } from '../controller/attendance.ts';
import { TransientError } from '../model/errors.ts';
import { callOptions, storageError } from './blob-container.ts';

const FOLDER = 'daemons/';
/** Of up to 5,000 each. */
const MOST_PAGES = 10;
const MOST_FORGOTTEN = 5;

export class BlobAttendance {
  readonly #container: ContainerClient;
  readonly #daemon: string;
  /** Configs that it has run. */
  #configs = 0;
  #rounds = 0;
  /** As last written, of the config that it runs. */
  #own: Attendant | undefined;

  constructor(container: ContainerClient, daemon: string) {
    this.#container = container;
    this.#daemon = daemon;
  }

  async attend(config: string): Promise<Attendance> {
    try {
      await this.#leaveOther(config);
      const name = nameOf(this.#daemon, this.#configs);
      const { now, daemons } = await this.#list();
      const rounds = this.#rounds + 1;
      const own = attendantNow({ name, config, rounds }, daemons, now);
      await this.#write(own);
      this.#own = own;
      this.#rounds = rounds;
      const attendance = { now, own, others: daemons.filter((other) => other.name !== name) };
      await this.#forget(forgettable(attendance).slice(0, MOST_FORGOTTEN));
      return attendance;
    } catch (error) {
      throw storageError(`${this.#container.url}/${FOLDER}`, 'written', error);
    }
  }

  /** That the config before was run, and since when, tells daemons later which one is newer: so it keeps its own trace. */
  async #leaveOther(config: string): Promise<void> {
    if (this.#own === undefined || this.#own.config === config) return;
    await this.#write({ ...this.#own, hasLeft: true });
    this.#configs += 1;
    this.#own = undefined;
  }

  /** Its config is remembered; it is not counted any more. */
  async leave(): Promise<void> {
    if (this.#own === undefined) return;
    try {
      await this.#write({ ...this.#own, hasLeft: true });
    } catch (error) {
      throw storageError(this.#blobOf(this.#own.name).url, 'written', error);
    }
  }

  /** How many others have attended within half a minute and have not left. */
  async countOthers(): Promise<number> {
    try {
      const { now, daemons } = await this.#list();
      return daemons.filter((one) => one.name !== this.#own?.name && isAlive(one, now)).length;
    } catch (error) {
      throw storageError(`${this.#container.url}/${FOLDER}`, 'listed', error);
    }
  }

  async #list(): Promise<{ now: number; daemons: readonly Attendant[] }> {
    const daemons: Attendant[] = [];
    let [now, pages] = [Number.NaN, 0];
    const options = { prefix: FOLDER, includeMetadata: true, ...callOptions() };
    for await (const page of this.#container.listBlobsFlat(options).byPage()) {
      now = Number(page.date ?? Number.NaN);
      daemons.push(...page.segment.blobItems.map(attendantOf));
      if ((pages += 1) >= MOST_PAGES) break;
    }
    // Without it nobody would seem to be alive.
    if (Number.isNaN(now)) throw new TransientError('the answer carries no date');
    return { now, daemons };
  }

  async #write({ name, config, configSince, rounds, hasLeft }: Attendant): Promise<void> {
    const metadata = { config, since: String(configSince), rounds: String(rounds), left: String(hasLeft) };
    await this.#blobOf(name).upload(name, Buffer.byteLength(name), { ...callOptions(), metadata });
  }

  /** Others do so, too, and come first now and then. */
  async #forget(names: readonly string[]): Promise<void> {
    await Promise.allSettled(names.map((name) => this.#blobOf(name).deleteIfExists(callOptions())));
  }

  #blobOf(name: string) {
    return this.#container.getBlockBlobClient(`${FOLDER}${name}`);
  }
}

function nameOf(daemon: string, configs: number): string {
  return configs === 0 ? daemon : `${daemon}.${configs}`;
}

/** What another version wrote without saying more counts as of long standing, with a config of its own. */
function attendantOf({ name, properties, metadata }: BlobItem): Attendant {
  return {
    name: name.slice(FOLDER.length),
    config: metadata?.['config'] ?? 'unknown',
    configSince: Number(metadata?.['since'] ?? 0),
    rounds: Number(metadata?.['rounds'] ?? Number.MAX_SAFE_INTEGER),
    heardAt: Number(properties.lastModified),
    hasLeft: metadata?.['left'] === 'true',
  };
}

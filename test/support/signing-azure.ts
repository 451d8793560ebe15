/** A local Azure with images to be signed, each in a repository of its own, and a look at each as the daemon takes it. */
import { joinEdges } from '../../src/cli/edges.ts';
import { loadSettings } from '../../src/config/load.ts';
import type { Verification } from '../../src/model/app.ts';
import type { CandidateCheck } from '../../src/registry/candidate.ts';
import type { OpenedRepository } from '../../src/registry/open.ts';
import { Local } from './local.ts';
import { Repository } from './signing.ts';

export interface Image {
  readonly repository: Repository;
  readonly digest: string;
}

export class SigningAzure {
  readonly #local: Local;
  readonly #open: (repository: string) => OpenedRepository;
  #pushed = 0;

  private constructor(local: Local, open: (repository: string) => OpenedRepository) {
    this.#local = local;
    this.#open = open;
  }

  static async start(): Promise<SigningAzure> {
    const local = await Local.start();
    const { settings } = loadSettings(local.configFile);
    const [place] = settings.registries;
    if (place === undefined) throw new Error('no registry');
    const { openRepository } = await joinEdges(settings);
    return new SigningAzure(local, (repository) => openRepository(place, repository));
  }

  /** An image for Linux on amd64, in a repository that has nothing else. */
  push(): Image {
    this.#pushed += 1;
    const repository = new Repository(this.#local.azure, `web-${this.#pushed}`);
    const { digest } = this.#local.azure.push({ repository: repository.name, tag: '1.0.0' });
    return { repository, digest };
  }

  check({ repository, digest }: Image, verify: Verification): Promise<CandidateCheck> {
    const platform = { os: 'linux', architecture: 'amd64' };
    return this.#open(repository.name).checkCandidate({ tag: '1.0.0', digest, platform, verify });
  }

  /** Every request below `path` of the image's repository is answered so. */
  fail({ repository }: Image, path: string, status: number): void {
    this.#local.azure.faults.add({ path: `/v2/${repository.name}/${path}`, status, body: '' });
  }

  close(): Promise<void> {
    return this.#local.close();
  }
}

/** Reads a config with all its files as one, and keeps what loading made of it, good or bad. */
import { loadSettings } from '../config/load.ts';
import type { Loaded } from '../config/load.ts';
import { TextFiles } from '../config/text-file.ts';
import type { ReadConfig } from './hot-reload.ts';

/** `file` as the operator gave it. Never throws. */
export function readConfig(file: string): ReadConfig {
  const files = new TextFiles();
  const loaded = attempt(() => loadSettings(file, Date.now(), files));
  return { names: files.names, fingerprint: files.fingerprint(), loaded };
}

function attempt(load: () => Loaded): () => Loaded {
  try {
    const loaded = load();
    return () => loaded;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

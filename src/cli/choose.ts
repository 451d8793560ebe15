/** `viridian choose --policy FILE < tags.txt`: what a policy makes of a list of tags, offline, and why. */
import { formatConfigError } from '../config/format-error.ts';
import { loadPolicy } from '../config/policy.ts';
import { ConfigError } from '../model/errors.ts';
import type { RunningTag } from '../policy/choice.ts';
import { choose } from '../policy/choose.ts';
import { choiceJson, choiceText } from './choice-text.ts';
import { readTagLines } from './tag-lines.ts';
import type { TextOutput } from './validate.ts';

export interface ChooseCommand {
  /** File with a policy block alone. */
  readonly policy: string;
  readonly running: RunningTag | undefined;
  /** Milliseconds since 1970, for the age of tags. */
  readonly now: number;
  readonly json: boolean;
}

/** Exit status: 0 with an answer, also where it is that nothing can be told; 1 for a bad list, 2 for a bad policy. */
export async function chooseOffline(
  command: ChooseCommand,
  list: AsyncIterable<Uint8Array>,
  output: TextOutput,
): Promise<number> {
  try {
    const policy = loadPolicy(command.policy);
    const { tags, problems } = await readTagLines(list);
    if (problems.length > 0) {
      output.err(`viridian: the list of tags cannot be read\n${problems.join('\n')}`);
      return 1;
    }
    const choice = choose(policy, tags, command);
    output.out(command.json ? JSON.stringify(choiceJson(choice)) : choiceText(choice, tags.length));
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    output.err(formatConfigError(error));
    return 2;
  }
}

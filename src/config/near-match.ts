/** "Did you mean": the known word nearest to a mistyped one. */
import leven from 'leven';

/** Ids of resources fit. Longer words are no slips of the hand, and comparing them takes long. */
const LONGEST = 300;

export function nearMatch(word: string, known: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined;
  const ranked = known
    .map((candidate) => ({ candidate, distance: leven(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

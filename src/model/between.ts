/** What a rollout leads from and to, in words: one that only puts right what runs, or takes out what is beside it, leads nowhere else. Pure. */
export interface Ends {
  /** Name of the release that was live. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export function betweenText(reason: string, { from = 'nothing', to = 'nothing' }: Ends): string {
  if (reason === 'drift') return `${from} as it should be`;
  return reason === 'takeOut' ? `${from} out of rotation` : `${from} → ${to}`;
}

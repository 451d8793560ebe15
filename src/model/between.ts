/** What a rollout leads from and to, in words: one that only puts right what runs leads nowhere else. Pure. */
export interface Ends {
  /** Name of the release that was live. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export function betweenText(reason: string, { from = 'nothing', to = 'nothing' }: Ends): string {
  return reason === 'drift' ? `${from} as it should be` : `${from} → ${to}`;
}

/** Why something that somebody else made cannot be taken over, for people: where, what was expected and got, and what to do. */
export interface Obstacle {
  /** `endpoint web-eu of profile shop`. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  readonly todo: string;
}

export function obstacleText({ where, expected, got, todo }: Obstacle): string {
  return `${where}: expected ${expected}, got ${got}; ${todo}`;
}

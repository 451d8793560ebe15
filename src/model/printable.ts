/** What others wrote must not move the cursor or colour the screen. Pure. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}

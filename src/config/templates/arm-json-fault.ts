/** What is wrong with a JSON text, counted in characters from its start. */
export class ArmJsonFault extends Error {
  override readonly name = 'ArmJsonFault';
  readonly offset: number;
  readonly hint: string | undefined;
  constructor(message: string, offset: number, hint?: string) {
    super(message);
    this.offset = offset;
    this.hint = hint;
  }
}

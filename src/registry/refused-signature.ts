/** Why one signature does not count. Its registry or the network is not to blame: those failures are other errors. */
export class RefusedSignature extends Error {
  override readonly name = 'RefusedSignature';
}

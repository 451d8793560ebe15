/**
 * Whether a chain of certificates, leaf first, leads to one that the config trusts: by signature, validity, what each may
 * be used for, and the length that an authority allows. Revocation is not looked at.
 */
import { X509Certificate } from 'node:crypto';
import { X509Certificate as Extensions } from '@sigstore/core';
import type { TrustedPem } from '../model/app.ts';
import { RefusedSignature } from './refused-signature.ts';

const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';

interface Trusted {
  readonly file: string;
  readonly certificate: X509Certificate;
}

/** The file of the certificate that the chain leads to, at all of some times. Throws RefusedSignature. */
export function trustedSigner(
  chain: readonly X509Certificate[],
  pems: readonly TrustedPem[],
  times: readonly number[],
): string {
  const trusted = pems.map(({ file, pem }) => ({ file, certificate: new X509Certificate(pem) }));
  const [leaf] = chain;
  if (leaf === undefined) throw new RefusedSignature('it has no certificate');
  checkLeaf(leaf);
  for (const [index, certificate] of chain.entries()) {
    checkValidity(certificate, times);
    const anchor = trusted.find((one) => one.certificate.raw.equals(certificate.raw));
    if (anchor !== undefined) return anchor.file;
    const next = chain[index + 1];
    if (next === undefined) return issuerAmong(trusted, { certificate, below: index, times });
    checkIssuer(next, certificate, index);
  }
  throw unknownRoot(leaf);
}

/** Roots need not be sent along. */
function issuerAmong(
  trusted: readonly Trusted[],
  { certificate, below, times }: { certificate: X509Certificate; below: number; times: readonly number[] },
): string {
  // Authorities that renew their key keep their name.
  const root = trusted.find((one) => isIssuedBy(certificate, one.certificate));
  if (root === undefined) throw unknownRoot(certificate);
  checkIssuer(root.certificate, certificate, below);
  checkValidity(root.certificate, times);
  return root.file;
}

function unknownRoot(last: X509Certificate): RefusedSignature {
  return new RefusedSignature(`its certificates lead to ${nameOf(last.issuer)}, which is not configured`);
}

/** By the requirements that the Notary Project has of certificates that sign. */
function checkLeaf(leaf: X509Certificate): void {
  const { usage, isAuthority } = extensionsOf(leaf);
  const name = nameOf(leaf.subject);
  if (isAuthority) throw new RefusedSignature(`its certificate ${name} is an authority’s, which signs no images`);
  if (usage?.digitalSignature !== true)
    throw new RefusedSignature(`its certificate ${name} is not for signatures (key usage)`);
  // By this name Node gives the extended key usage; undefined where there is none.
  const extended: readonly string[] | undefined = leaf.keyUsage;
  if (extended !== undefined && !extended.includes(CODE_SIGNING))
    throw new RefusedSignature(`its certificate ${name} is not for signing code (extended key usage)`);
}

/** `below`: how many authorities stand between the issuer and the leaf. */
function checkIssuer(issuer: X509Certificate, issued: X509Certificate, below: number): void {
  const name = nameOf(issuer.subject);
  if (!isIssuedBy(issued, issuer)) throw new RefusedSignature(`${nameOf(issued.subject)} was not issued by ${name}`);
  const { usage, isAuthority, longest } = extensionsOf(issuer);
  if (!isAuthority || usage?.keyCertSign !== true)
    throw new RefusedSignature(`${name} may not issue certificates (basic constraints, key usage)`);
  if (longest !== undefined && BigInt(below) > longest)
    throw new RefusedSignature(`${name} allows no chain with ${below} authorities below it`);
}

function isIssuedBy(issued: X509Certificate, issuer: X509Certificate): boolean {
  return issued.checkIssued(issuer) && issued.verify(issuer.publicKey);
}

function checkValidity({ subject, validFrom, validTo }: X509Certificate, times: readonly number[]): void {
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  const outside = times.find((time) => !(time >= from && time <= to));
  if (outside === undefined) return;
  const span = `${validFrom} to ${validTo}`;
  throw new RefusedSignature(
    `its certificate ${nameOf(subject)} is valid from ${span}, not at ${new Date(outside).toISOString()}`,
  );
}

/** Node itself tells neither key usage nor the length of a path. */
function extensionsOf({ raw, ca }: X509Certificate) {
  try {
    const { extKeyUsage: usage, extBasicConstraints: basic } = Extensions.parse(raw);
    return { usage, isAuthority: ca, longest: basic?.pathLenConstraint };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RefusedSignature(`a certificate of its chain cannot be read: ${why}`);
  }
}

function nameOf(subject: string): string {
  return subject.replaceAll('\n', ', ');
}

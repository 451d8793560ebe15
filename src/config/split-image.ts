/** An image source as the config writes it: registry and repository, without a tag. Pure. */
export function splitImage(image: string): { registry: string; repository: string } {
  const at = image.indexOf('/');
  return { registry: image.slice(0, at).toLowerCase(), repository: image.slice(at + 1) };
}

/** What has happened to a group, as it tells it: the same again is counted, not told anew. */
import type { Group, GroupEvent } from './group.ts';

export function addEvent(group: Group, at: number, event: Pick<GroupEvent, 'name' | 'type' | 'message'>): void {
  const time = new Date(at).toISOString();
  const same = group.events.find(({ name, message }) => name === event.name && message === event.message);
  if (same === undefined) group.events.push({ ...event, count: 1, firstTimestamp: time, lastTimestamp: time });
  else {
    same.count += 1;
    same.lastTimestamp = time;
  }
}

/** An Azure for tests in which nobody asks it for anything, or for little: whatever is asked fails, and says so. */
import type { Azure } from '../../src/azure/azure.ts';

/** `why`: what the test shows by that. */
export function idleAzure(why: string): Azure {
  const never = () => Promise.reject(new Error(why));
  return {
    getGroup: never,
    getProfile: never,
    listGroups: never,
    createGroup: never,
    tagGroup: never,
    deleteGroup: never,
    stopGroup: never,
    startGroup: never,
    enableEndpoint: never,
    disableEndpoint: never,
    deleteEndpoint: never,
    retargetEndpoint: never,
    nameAnswers: never,
    logs: never,
    probe: never,
  };
}

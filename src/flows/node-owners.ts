import { type Instant, instant } from '../units.ts'

/** Which target counts a node. A node is found again behind another address, but never counted by two exporters. */
export type NodeOwners = {
  /** The target that counts the node: the one that asks, unless another with another basis was there lately. */
  claim(node: string, claim: NodeClaim): string
  /** The target is gone: whoever answers for its nodes now counts them. */
  release(target: string): void
}

export type NodeClaim = { readonly target: string; readonly basis: string; readonly at: Instant }

export function createNodeOwners(leaseSeconds: number): NodeOwners {
  const claims = new Map<string, NodeClaim>()
  let lapsedForgottenAt = instant(0)

  const lapsesAt = ({ at }: NodeClaim) => instant(at + leaseSeconds * 1000)

  /** A claim that has lapsed holds nothing any more; nodes come and go, and their names must not pile up. */
  function forgetLapsed(now: Instant): void {
    for (const [node, claim] of claims) if (lapsesAt(claim) <= now) claims.delete(node)
    lapsedForgottenAt = now
  }

  return {
    claim(node, claim) {
      if (claim.at >= lapsedForgottenAt + leaseSeconds * 1000) forgetLapsed(claim.at)
      const held = claims.get(node)
      const isHeld =
        held !== undefined &&
        held.target !== claim.target &&
        held.basis !== claim.basis &&
        claim.at < lapsesAt(held)
      if (isHeld) return held.target
      claims.set(node, claim)
      return claim.target
    },

    release(target) {
      for (const [node, claim] of claims) if (claim.target === target) claims.delete(node)
    },
  }
}

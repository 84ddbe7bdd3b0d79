import { BlockList, isIP } from 'node:net'

/**
 * Addresses that are not of the public Internet: IANA IPv4 and IPv6 Special-Purpose Address Registries (2025-10),
 * and multicast.
 */
const notPublic = {
  ipv4: [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
  ],
  ipv6: [
    ['::', 127],
    ['fc00::', 7],
    ['fe80::', 10],
    ['ff00::', 8],
  ],
} as const

/** Names that are only ever resolved at home: RFC 6761, RFC 6762, RFC 9476 and the names that Kubernetes gives. */
const privateName = /(^|\.)(localhost|local|internal|home\.arpa|svc|cluster\.local)\.?$/i

export type PrivateAddresses = {
  /** Whether an IP address is private. */
  has(address: string): boolean
  /** Whether a host, as it stands in a URL, is private by itself: by its address, or by a name that no one else has. */
  names(host: string): boolean
}

export function createPrivateAddresses(): PrivateAddresses {
  const list = new BlockList()
  for (const [network, prefix] of notPublic.ipv4) list.addSubnet(network, prefix, 'ipv4')
  for (const [network, prefix] of notPublic.ipv6) list.addSubnet(network, prefix, 'ipv6')

  const has = (address: string) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

  return {
    has,
    names(host) {
      const bare = host.replace(/^\[(.*)\]$/, '$1')
      if (isIP(bare) !== 0) return has(bare)
      return !bare.includes('.') || privateName.test(bare)
    },
  }
}

import { t, TABLE } from './words'

/** A channel in words; one of a company's own by its name. */
export function channelName(channel: string): string {
  const key = `channel_${channel}`
  return key in TABLE ? t(key as 'channel_phone') : channel
}

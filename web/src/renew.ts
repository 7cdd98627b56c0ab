/**
 * After an upgrade a page that was open before asks for files that are gone: then it is loaded anew, where it was
 * going; what was typed is kept. Offline, or when the service has no other pages, everything stays as it is.
 */
export async function renew(path: string): Promise<void> {
  const mine = document.querySelector('script[type=module]')?.getAttribute('src')
  const answer = await fetch('./', { cache: 'no-store' }).catch(() => undefined)
  const page = answer?.ok ? await answer.text() : ''
  if (!mine || !page || page.includes(mine)) return
  location.hash = path
  location.reload()
}

// Before the first paint: theme and language as chosen last time, so that nothing flashes.
;(function () {
  var html = document.documentElement
  function kept(name) {
    try {
      return JSON.parse(localStorage.getItem('voc.' + name))
    } catch (error) {
      return null // storage may be forbidden
    }
  }
  var theme = kept('theme') || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
  html.classList.toggle('dark', theme === 'dark')
  html.lang = kept('language') === 'en' ? 'en' : 'zh-CN'
})()

"""A page that was open while the service was upgraded."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SignIn, Site


def test_an_open_page_finds_its_way_into_the_new_version(sign_in: SignIn, site: Site) -> None:
    page: Page = sign_in("admin", "/search")
    gone = list[str]()

    def no_more(route: Route) -> None:
        """The first file asked for is one of the old version."""
        if gone:
            route.continue_()
        else:
            gone.append(route.request.url)
            route.fulfill(status=404, body="")

    def new_start(route: Route) -> None:
        """The start page names other files, which here are the same by another address."""
        body = route.fetch().text()
        assert "./assets/" in body
        route.fulfill(body=body.replace("./assets/", "./assets/./"), content_type="text/html")

    page.route("**/MatrixPage*.js", no_more)
    page.route(site.address, new_start)
    page.get_by_role("navigation", name="菜单").get_by_role("link", name="矩阵").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("矩阵")
    assert len(gone) == 1

"""Finding and reading pages of the web.

- `engines`: the search engines, each by its API.
- `domains`: which sites count.
- `pages`: pages of addresses, by the loader that an admin chose; `readable` what is to be read on one, `youtube` what
  is said in videos, `sitemap` which pages a site has.
- `searching`: all of it for some queries, and the passages of the pages that answer them.
"""

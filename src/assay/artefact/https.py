"""Archives at an address: tarballs, zips, wheels and ``.mcpb`` bundles over https.

The entry names the host, and ``allowed-source`` holds it against the policy before anything is
fetched. Logins come from ``.netrc``, certificates and proxies from the environment, as curl, pip
and git read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from urllib.parse import unquote, urlsplit

from assay.artefact import netrc
from assay.artefact.http import Access, Http, Limits
from assay.artefact.machine import proxy_for
from assay.artefact.reference import Reference
from assay.artefact.source import Archived, Fetched, Named, nobody
from assay.artefact.store import Draft, Store
from assay.artefact.wire import Network
from assay.errors import Refused, Undecided
from assay.reason import Reason

# Where other programs on this machine are told of a private CA; the first that is set counts.
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"


class HttpsSource:
    """Archives from the addresses that entries give."""

    def __init__(
        self,
        store: Store,
        environ: Mapping[str, str],
        *,
        limits: Limits | None = None,
        named: Named = nobody,
        network: Network | None = None,
    ) -> None:
        self.store = store
        self._environ = environ
        self._limits = limits or Limits()
        self._named = named
        self._network = network or Network()

    @cached_property
    def _http(self) -> Http:
        environ = self._environ
        access = Access(
            authorization=lambda url: netrc.authorization(urlsplit(url).hostname or "", environ),
            proxy=lambda url: proxy_for(url, "", (), environ),
            ca_file=next((environ[key] for key in CA_VARIABLES if environ.get(key)), ""),
            advice="logins are read from .netrc",
        )
        return Http("https", access, self._limits, named=self._named, network=self._network)

    def fetch(self, reference: Reference, *, sha256: str | None = None) -> Fetched:
        """See ``Source.fetch``. Refused besides: ARTEFACT_INVALID when it is no such archive."""
        file_name = unquote(reference.name.rpartition("/")[2])
        if sha256 and (path := self.store.got(reference.text, sha256)):
            return Fetched(path, sha256, path.stat().st_size, file_name)
        with self.store.draft() as draft:
            self._http.download(reference.name, draft)
            if sha256 and draft.sha256 != sha256:
                raise Refused(
                    Reason.DIGEST_MISMATCH,
                    f"{reference.text}: its bytes have sha256 {draft.sha256}, wanted is {sha256}",
                    hint="find out who changed it; a version's file never changes",
                )
            _hold_kind(draft, file_name, reference.text)
            path = self.store.keep(draft)
            self.store.note_origin(reference.text, draft.sha256)
            return Fetched(path, draft.sha256, draft.size, file_name)

    def fetch_package(self, package: Archived, tags: Sequence[str] = ()) -> Fetched:
        """An archive has no packages that are fetched one by one."""
        raise Undecided(
            Reason.ARTEFACT_UNSUPPORTED, f"{package.name} is part of an archive and comes with it"
        )


def open_https(store: Store, environ: Mapping[str, str], named: Named = nobody) -> HttpsSource:
    """The archives that this machine can reach."""
    return HttpsSource(store, environ, named=named)


def _hold_kind(draft: Draft, file_name: str, label: str) -> None:
    """A login page answers 200 as well, and a digest of it would be reviewed as the artefact's."""
    wanted = _GZIP if file_name.endswith(("gz", "tgz")) else _ZIP
    with draft.path.open("rb") as file:
        if file.read(len(wanted)) == wanted:
            return
    raise Refused(
        Reason.ARTEFACT_INVALID,
        f"{label} does not begin as {'a gzipped' if wanted is _GZIP else 'a zip'} file does",
        hint="open the address: it may be a login page, or be named for what it is not",
    )

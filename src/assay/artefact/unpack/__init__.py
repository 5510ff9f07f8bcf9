"""Archives that a stranger made, read without being led astray.

``tarball.members`` and ``wheel.members`` yield what an archive holds, each path proven to stay
inside and each size counted as it is read, whatever the headers claim. Nothing here writes a
file or runs anything. Whatever is not a plain file of a plain name refuses the whole archive
(ARTEFACT_INVALID): what was reviewed must be what every platform unpacks.
"""

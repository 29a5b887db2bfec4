# Writes the fenced code blocks of Markdown documents as files, and a table of them on standard output.
#
#   awk -v language=swift -v folder=OUT -f document-blocks.awk DOCUMENT...
#
# A line of the table: NAME, KIND, the place of its first block, the reason; separated by tabs. The file is
# OUT/NAME.LANGUAGE. An HTML comment before a block says what is special about it:
#
#   <!-- continues -->        it goes on where the last block of the document ended, in one file
#   <!-- manifest -->         it is the Package.swift of the document's first program, or of its server
#   <!-- server -->           it is the program of the document's manifest: a server, which check-serving.sh asks
#   <!-- not run: REASON -->  it is only compiled, or for a shell not even that
FNR == 1 {
  # `Sources/Annotate/Annotate.docc/Serving.md` is Annotate_Serving.
  document = FILENAME
  gsub(/\.(docc|md)/, "", document)
  if (match(document, /[^\/]*\/[^\/]*$/)) document = substr(document, RSTART)
  sub(/\//, "_", document)
  count = 0
  directive = ""
}

inside && /^```$/ {
  inside = 0
  directive = ""
  next
}

inside {
  if (wanted) print > file
  next
}

/^```/ {
  inside = 1
  wanted = ($0 == "```" language)
  if (!wanted) next
  if (directive == "continues") {
    print "" > file
    next
  }
  count++
  name = document "_" count
  file = folder "/" name "." language
  kind = directive == "" ? "run" : directive
  reason = ""
  if (match(kind, /: /)) {
    reason = substr(kind, RSTART + 2)
    kind = substr(kind, 1, RSTART - 1)
  }
  printf "" > file
  print name "\t" kind "\t" FILENAME ":" FNR "\t" reason
  next
}

/^<!-- (continues|manifest|server|not run: .*) -->$/ {
  directive = $0
  gsub(/^<!-- | -->$/, "", directive)
  next
}

/[^ ]/ { directive = "" }

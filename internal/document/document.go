// Package document writes papers that an office prints, as .docx that Word and
// WPS open. It knows no word of the domain's tables: it is given what is to stand
// there.
//
// The writer is our own, and small: the libraries for Go are under the AGPL or a
// paid licence, or take pictures from files alone, which would put people's codes
// on the disk in clear. A .docx is a zip of a few parts (ECMA-376); what is
// written here is the plainest form of them: one table, fixed widths, inline
// pictures.
package document

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"text/template"
)

// Type is the media type of a .docx.
const Type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// picture is one picture of a document.
type picture struct {
	name string // in word/media
	data []byte
}

// write puts the parts of a document together: its body, as WordprocessingML,
// and the pictures, which the body refers to as rId1, rId2 …
func write(w io.Writer, body string, pictures []picture) error {
	var links strings.Builder
	for i, p := range pictures {
		fmt.Fprintf(&links, `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="media/%s"/>`, i+1, p.name)
	}
	const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	parts := []picture{
		{"[Content_Types].xml", []byte(head + contentTypes)},
		{"_rels/.rels", []byte(head + packageLinks)},
		{"word/document.xml", []byte(head + body)},
		{"word/styles.xml", []byte(head + styles)},
		{"word/_rels/document.xml.rels", []byte(head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + links.String() +
			`<Relationship Id="rIdStyles" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`)},
	}
	z := zip.NewWriter(w)
	for _, p := range parts {
		if err := add(z, p.name, zip.Deflate, p.data); err != nil {
			return err
		}
	}
	for _, p := range pictures { // which are packed already
		if err := add(z, "word/media/"+p.name, zip.Store, p.data); err != nil {
			return err
		}
	}
	return z.Close()
}

func add(z *zip.Writer, name string, method uint16, data []byte) error {
	f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return err
}

const contentTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/><Default Extension="jpeg" ContentType="image/jpeg"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>`

const packageLinks = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`

// styles name a font that Windows, WPS and macOS have, or replace by a like one.
const styles = `<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:eastAsia="微软雅黑" w:cs="Arial"/><w:sz w:val="24"/><w:szCs w:val="24"/><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ug-CN"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style></w:styles>`

// extension is that of a picture by its first bytes; empty for what is neither
// JPEG nor PNG.
func extension(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return "jpeg"
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return "png"
	}
	return ""
}

// text returns a text as it stands in XML. What XML does not allow becomes U+FFFD.
func text(s string) (string, error) {
	var b strings.Builder
	err := xml.EscapeText(&b, []byte(s))
	return b.String(), err
}

// shapes parses the template of a body. Texts come in by run alone, which makes
// them safe.
func shapes(source string) *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{"run": run, "sides": sides}).Parse(source))
}

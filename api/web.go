package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

// built is the client as a page for browsers, as it is built from miniprogram/.
// What is text lies there compressed alone, as NAME.br and NAME.gz; pictures and
// fonts as they are.
//
//go:embed all:web/dist
var built embed.FS

// embeddedPage is the built client inside the program.
func embeddedPage() fs.FS {
	page, err := fs.Sub(built, "web/dist")
	if err != nil {
		panic(err) // the path is one
	}
	return page
}

// webTypes are the content types of what a built client is made of. Those of the
// machine differ from one to the next.
var webTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".ico": "image/x-icon",
	".woff2": "font/woff2", ".ttf": "font/ttf",
}

// webPolicy lets a page of ours load from here alone. Styles stand in its
// elements as well, and the font of its icons in a style; scripts never do.
const webPolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data: blob:; connect-src 'self'; " +
	"frame-ancestors 'none'; base-uri 'self'; form-action 'self'"

// webHashed is the name of a file that changes with its content.
var webHashed = regexp.MustCompile(`^assets/(.*/)?[^/]+[-.][0-9A-Za-z_-]{8}\.[0-9a-z]+$`)

// webFile is one file of the page, by how it is coded: "br", "gzip", or "" as it is.
type webFile struct {
	contentType string
	caching     string
	coded       map[string]webBody
}

type webBody struct {
	content []byte
	etag    string
}

// webFiles reads a built client.
func webFiles(client fs.FS) (map[string]*webFile, error) {
	files := map[string]*webFile{}
	err := fs.WalkDir(client, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(client, name)
		if err != nil {
			return err
		}
		coding := ""
		switch path.Ext(name) {
		case ".br":
			name, coding = strings.TrimSuffix(name, ".br"), "br"
		case ".gz":
			name, coding = strings.TrimSuffix(name, ".gz"), "gzip"
		}
		f := files[name]
		if f == nil {
			f = &webFile{contentType: webTypes[path.Ext(name)], caching: "no-cache", coded: map[string]webBody{}}
			if f.contentType == "" || strings.ContainsAny(name, ":*") {
				return fmt.Errorf("%s is nothing that a page is made of", name)
			}
			if webHashed.MatchString(name) {
				f.caching = "public, max-age=31536000, immutable"
			}
			files[name] = f
		}
		f.coded[coding] = webBody{content, tagOf(coding, content)}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for name, f := range files {
		if err := f.complete(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if files["index.html"] == nil {
		return nil, fmt.Errorf("there is no index.html: %w", fs.ErrNotExist)
	}
	return files, nil
}

// complete sees to it that whoever takes no compression can be answered: from
// what is compressed, when they ask.
func (f *webFile) complete() error {
	if _, plain := f.coded[""]; plain {
		return nil
	}
	if _, packed := f.coded["gzip"]; !packed {
		return fmt.Errorf("there is no .gz of it: %w", fs.ErrNotExist)
	}
	f.coded[""] = webBody{nil, tagOf("", f.coded["gzip"].content)}
	return f.write(io.Discard, "")
}

// write writes the file in a coding that it has.
func (f *webFile) write(w io.Writer, coding string) error {
	if content := f.coded[coding].content; content != nil {
		_, err := w.Write(content)
		return err
	}
	text, err := gzip.NewReader(bytes.NewReader(f.coded["gzip"].content))
	if err == nil {
		_, err = io.Copy(w, text) //nolint:gosec // what is in the program is not made to burst it
	}
	return err
}

func tagOf(coding string, content []byte) string {
	sum := sha256.Sum256(append([]byte(coding+"\x00"), content...))
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// webRoutes serves a built client at "/", each of its files at its name.
func (a *API) webRoutes(client fs.FS) error {
	files, err := webFiles(client)
	if err != nil {
		return fmt.Errorf("read the built client: %w", err)
	}
	for name, f := range files {
		at := []string{"/" + name}
		if name == "index.html" {
			at = append(at, "/")
		}
		for _, p := range at {
			a.engine.Match([]string{http.MethodGet, http.MethodHead}, p, func(c *gin.Context) { a.serveFile(c, f) })
		}
	}
	return nil
}

func (a *API) serveFile(c *gin.Context, f *webFile) {
	coding := f.choose(strings.Join(c.Request.Header.Values("Accept-Encoding"), ","))
	body, h := f.coded[coding], c.Writer.Header()
	h.Set("Cache-Control", f.caching)
	h.Set("ETag", body.etag)
	if len(f.coded) > 1 {
		h.Set("Vary", "Accept-Encoding")
	}
	if isKnown(c.GetHeader("If-None-Match"), body.etag) {
		c.Status(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.contentType)
	if strings.HasPrefix(f.contentType, "text/html") || f.contentType == webTypes[".svg"] {
		h.Set("Content-Security-Policy", webPolicy)
	}
	if coding != "" {
		h.Set("Content-Encoding", coding)
	}
	if body.content != nil {
		h.Set("Content-Length", strconv.Itoa(len(body.content)))
	}
	c.Status(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		return
	}
	if err := f.write(a.patience.writer(c.Writer), coding); err != nil {
		a.log.InfoContext(c.Request.Context(), "answer was not taken", "error", err)
	}
}

// choose returns the coding that a client takes and that is shortest.
func (f *webFile) choose(accepted string) string {
	for _, coding := range []string{"br", "gzip"} {
		if _, ok := f.coded[coding]; ok && takes(accepted, coding) {
			return coding
		}
	}
	return ""
}

// takes reports whether a header Accept-Encoding has a coding: by its name, or
// else by "*", and not with the weight 0.
func takes(accepted, coding string) bool {
	wild := false
	for one := range strings.SplitSeq(accepted, ",") {
		name, weight, _ := strings.Cut(one, ";")
		value := strings.TrimPrefix(strings.TrimSpace(weight), "q=")
		q, err := strconv.ParseFloat(value, 64)
		ok := value == "" || err == nil && q > 0
		switch strings.ToLower(strings.TrimSpace(name)) {
		case coding:
			return ok
		case "*":
			wild = ok
		}
	}
	return wild
}

// isKnown reports whether a header If-None-Match names a tag.
func isKnown(header, tag string) bool {
	return slices.ContainsFunc(strings.Split(header, ","), func(one string) bool {
		one = strings.TrimSpace(one)
		return one == "*" || strings.TrimPrefix(one, "W/") == tag
	})
}

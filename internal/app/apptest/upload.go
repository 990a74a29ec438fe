package apptest

import (
	"bytes"
	"io/fs"
	"mime/multipart"
	"net/http"
	"path/filepath"

	"yanlu/internal/member"
)

// Form is the body of an upload and its content type.
func Form(name string, content []byte) (body []byte, contentType string) {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes(), form.FormDataContentType()
}

// Upload uploads a file as a person. An empty key is a new one.
func (w *World) Upload(name, key, file string, content []byte) Answer {
	w.T.Helper()
	body, contentType := Form(file, content)
	return w.Send(Call{
		Method: http.MethodPost, Path: "/v1/attachments", Token: w.Token(name), Key: key, Body: body,
		Header: http.Header{"Content-Type": {contentType}},
	})
}

// Uploaded uploads a file as a person and returns its identifier.
func (w *World) Uploaded(name, file string, content []byte) string {
	w.T.Helper()
	var v struct{ ID string }
	w.Upload(name, "", file, content).Into(w.T, http.StatusCreated, &v)
	return v.ID
}

// Actor returns what a person is to the domain, as a request of theirs has it.
func (w *World) Actor(name string) member.Actor {
	w.T.Helper()
	c, err := w.Accounts.Caller(w.T.Context(), w.Token(name))
	if err != nil {
		w.T.Fatal(err)
	}
	return *c.Actor
}

// Contents lists the files in which uploads are kept.
func (w *World) Contents() []string {
	w.T.Helper()
	var found []string
	err := filepath.WalkDir(w.files, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return found
}

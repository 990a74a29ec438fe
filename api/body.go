package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/gin-gonic/gin"

	"yanlu/internal/fault"
	"yanlu/internal/plain"
)

type bodyHashKey struct{}

// bodyHash returns the hash of the request's normalised body.
func bodyHash(ctx context.Context) string {
	h, _ := ctx.Value(bodyHashKey{}).(string)
	return h
}

// readBody reads a JSON body of at most limit bytes and puts every text in it
// into its one form before anything validates it: NFC, without space around it.
// So a decomposed é counts as one character, and five spaces are not a title.
// Control characters and marks that turn the direction of text are refused;
// every script passes.
func (a *API) readBody(limit int64) gin.HandlerFunc {
	return func(c *gin.Context) {
		if c.Request.Method == http.MethodGet {
			return // a body has no meaning there, and nobody reads it
		}
		if c.FullPath() == uploadPath {
			return // not JSON, and much larger: it is read when it is known who sends it
		}
		raw, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
		if err != nil {
			if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
				a.abort(c, errTooLarge)
			} else {
				a.abort(c, errTimeout)
			}
			return
		}
		if len(raw) > 0 {
			if t, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || t != "application/json" {
				a.abort(c, errMediaType)
				return
			}
			if raw, err = normalise(raw); err != nil {
				a.abort(c, err)
				return
			}
		}
		// Keyed: a body that is a phone number could be found by trying.
		digest := a.keeper.Digest("idempotency.body", string(raw))
		ctx := context.WithValue(c.Request.Context(), bodyHashKey{}, digest)
		c.Request = c.Request.WithContext(ctx)
		c.Request.Body = io.NopCloser(bytes.NewReader(raw))
		c.Next()
	}
}

// normalise rewrites a JSON text with its strings in their one form. Keys are
// left as they are, and come sorted, so that the hash does not depend on them.
func normalise(raw []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errMalformed
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errMalformed // more than one value
	}
	v, err := normaliseValue(v, "body")
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

func normaliseValue(v any, path string) (any, error) {
	switch v := v.(type) {
	case string:
		s, ok := plain.Text(v)
		if !ok {
			return nil, errCharacters.With(fault.Field{Path: path, Message: "有看不见的控制字符"})
		}
		return s, nil
	case []any:
		for i := range v {
			n, err := normaliseValue(v[i], path)
			if err != nil {
				return nil, err
			}
			v[i] = n
		}
	case map[string]any:
		for k := range v {
			n, err := normaliseValue(v[k], path+"."+k)
			if err != nil {
				return nil, err
			}
			v[k] = n
		}
	}
	return v, nil
}

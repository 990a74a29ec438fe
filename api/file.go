package api

import (
	"context"
	"mime"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
)

// file is an answer that is saved under a name.
type file struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Next        string `header:"X-Next-Cursor" doc:"Where there is more: the value of after for the next file"`
	Body        []byte
}

// attached returns a file that browsers save as name; ascii is for those that
// know no other letters.
func attached(contentType, ascii, name string, data []byte) file {
	return file{
		ContentType: contentType,
		Disposition: mime.FormatMediaType("attachment", map[string]string{"filename": ascii}) + "; filename*=UTF-8''" + url.PathEscape(name),
		Body:        data,
	}
}

// export registers a read whose answer is a file of one content type. It is
// audited before anything is sent.
func export[I any](a *API, op operation, contentType string, fn func(context.Context, *I) (file, error)) {
	o := a.operationOf(op, false, false)
	o.Responses["200"] = &huma.Response{
		Description: "OK", Content: map[string]*huma.MediaType{contentType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}
	shown := recorded(a, op, fn)
	huma.Register(a.huma, o, func(ctx context.Context, in *I) (*file, error) {
		answer, err := shown(ctx, in)
		if err != nil {
			return nil, explain(ctx, a.log, err)
		}
		return &answer, nil
	})
}

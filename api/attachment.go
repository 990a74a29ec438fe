package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"yanlu/internal/attachment"
	"yanlu/internal/fault"
	"yanlu/internal/store"
)

// uploadPath takes uploads. Its body is not JSON.
const uploadPath = "/v1/attachments"

var errForm = fault.New(unsupported, "request.form", "请以表单（multipart/form-data）上传文件，文件放在 file 一项。")

// referFaults are what an act may answer that refers to attachments.
var referFaults = []*fault.Fault{attachment.ErrNotFound, attachment.ErrSort, attachment.ErrTwice, attachment.ErrTooMany}

// uploadFaults are what an upload may answer.
var uploadFaults = []*fault.Fault{
	attachment.ErrEmpty, attachment.ErrType, attachment.ErrBroken, attachment.ErrTooLarge, attachment.ErrPixels, attachment.ErrMacro,
	attachment.ErrExpands, attachment.ErrBusy, attachment.ErrWaiting, attachment.ErrNotFound, errForm,
}

// attachmentView is a picture or a file. Its links are for whoever got this
// answer, and hold for at most fifteen minutes.
type attachmentView struct {
	ID           string             `json:"id" format:"uuid"`
	Sort         attachment.Sort    `json:"sort" enum:"PICTURE,FILE"`
	MediaType    string             `json:"media_type" example:"image/jpeg"`
	Name         string             `json:"name" example:"路灯.jpg"`
	Size         int64              `json:"size" doc:"In bytes"`
	Width        int                `json:"width,omitempty" doc:"Of a picture, in pixels"`
	Height       int                `json:"height,omitempty"`
	URL          string             `json:"url" example:"/v1/files/AZLxwH1…" doc:"Path of a link that holds for at most 15 minutes"`
	ThumbnailURL string             `json:"thumbnail_url,omitempty" doc:"Of a picture, at most 480 pixels long"`
	Held         bool               `json:"held,omitempty" doc:"Others do not see it until it is checked"`
	Purpose      attachment.Purpose `json:"purpose,omitempty" enum:"MATTER,REPLY,PROGRESS,SCAN"`
	PartID       string             `json:"part_id,omitempty" format:"uuid" doc:"The note or the line of the timeline that it belongs to"`
	UploadedAt   time.Time          `json:"uploaded_at"`
}

func (a *API) attachmentView(x attachment.Attachment) attachmentView {
	v := attachmentView{
		ID: x.ID, Sort: x.Sort, MediaType: x.MediaType, Name: x.Name, Size: x.Size, Width: x.Width, Height: x.Height,
		URL: a.files.Link(x, attachment.Original), Held: x.Held, Purpose: x.Purpose, PartID: text(x.PartID), UploadedAt: local(x.CreatedAt),
	}
	if x.Sort == attachment.Picture {
		v.ThumbnailURL = a.files.Link(x, attachment.Thumbnail)
	}
	return v
}

// addFiles puts what the asker may see into a matter. Files of a reply, of a note
// on the progress and of a paper stand with it, and are seen by those alone who
// see the reply or the line.
func (a *API) addFiles(v *MatterView, files []attachment.Attachment) {
	for _, x := range files {
		if into := v.placeOf(x); into != nil {
			*into = append(*into, a.attachmentView(x))
		}
	}
}

// placeOf is the list that an attachment belongs into, nil where the asker does
// not see what it belongs to.
func (v *MatterView) placeOf(x attachment.Attachment) *[]attachmentView {
	if x.PartID == nil {
		return &v.Attachments
	}
	line := slices.IndexFunc(v.Timeline, func(e eventView) bool { return e.ID == *x.PartID })
	reply := slices.IndexFunc(v.Replies, func(r replyView) bool { return r.ID == *x.PartID })
	switch {
	case x.Purpose == attachment.ForReply && reply >= 0:
		return &v.Replies[reply].Files
	case x.Purpose == attachment.ForProgress && line >= 0:
		return &v.Timeline[line].Files
	case x.Purpose == attachment.ForScan && line >= 0:
		return &v.Timeline[line].Scans
	}
	return nil
}

// uploadInput has the request itself: the body is read as it comes, after it is
// known who sends it.
type uploadInput struct {
	Keyed
	visit
}

func (a *API) attachmentRoutes() {
	op := operation{
		id: "attachment.upload", method: http.MethodPost, path: uploadPath, summary: "上传照片或文件", tag: "照片和文件", status: http.StatusCreated,
		who: everybody, faults: uploadFaults,
	}
	o := a.operationOf(op, false, true)
	o.Description = "Upload first, refer to the id later. A picture (JPEG, PNG, HEIC) is kept upright, without metadata, as JPEG; files are PDF, DOCX, XLSX, CSV, MP3, M4A and MP4. " +
		"Sent again under the same key, an upload that was cut is one attachment. What nothing refers to is deleted after a day."
	register(a, o, func(ctx context.Context, in *uploadInput) (attachmentView, error) { return a.upload(ctx, op, in) })
	// Told to Huma before, it would read the body itself, as JSON.
	a.huma.OpenAPI().Paths[uploadPath].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{
			"file": {Type: huma.TypeString, Format: "binary", Description: "照片或文件"},
			"name": {Type: huma.TypeString, MaxLength: ptr(maxField), Description: "文件原来的名称，可不填"},
		},
	}}}}
	a.engine.GET("/v1/files/:link", a.download)
}

func ptr[T any](v T) *T { return &v }

// maxField is the longest name that a form gives, in bytes; maxParts is how many
// parts it has at most.
const maxField, maxParts = 1024, 4

// upload takes the content first, outside of any transaction, then writes its
// row once for its key.
func (a *API) upload(ctx context.Context, op operation, in *uploadInput) (attachmentView, error) {
	actor := actorOf(ctx)
	taken, name, err := a.receive(ctx, in.request)
	if err != nil {
		return attachmentView{}, err
	}
	ctx = context.WithValue(ctx, bodyHashKey{}, a.keeper.Digest("idempotency.body", name+"\x00"+taken.Sum))
	answer, err := once(ctx, a, op, *in, nil, func(ctx context.Context, tx *store.Tx, _ uploadInput) (attachmentView, error) {
		return a.attachmentView(taken.Attachment), a.files.Keep(ctx, tx, actor, taken)
	})
	if err != nil || answer.ID == taken.Attachment.ID {
		return answer, err // where it failed, the row may yet be there: Tidy looks
	}
	a.drop(ctx, taken) // it had been taken before: that one is the answer, with links that hold
	x, err := a.files.Find(ctx, actor, answer.ID)
	if err != nil {
		return attachmentView{}, err
	}
	return a.attachmentView(x), nil
}

func (a *API) drop(ctx context.Context, taken *attachment.Taken) {
	if err := a.files.Drop(ctx, taken); err != nil { // Tidy finds it
		a.log.WarnContext(ctx, "an upload was not cleared away", "request_id", requestID(ctx), "error", err)
	}
}

// receive reads the form: a file, and perhaps its name, in any order. It
// returns the name as it was given.
func (a *API) receive(ctx context.Context, c *gin.Context) (taken *attachment.Taken, name string, err error) {
	limit := a.files.MaxUpload() + 64<<10 // for what the form itself needs
	if c.Request.ContentLength > limit {
		return nil, "", attachment.ErrTooLarge
	}
	control := http.NewResponseController(c.Writer)
	c.Request.Body = a.patience.reader(control, http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	defer a.patience.write(control) // the time to answer has begun with the request
	form, err := c.Request.MultipartReader()
	if err != nil {
		return nil, "", errForm
	}
	defer func() {
		if err != nil && taken != nil {
			a.drop(ctx, taken)
			taken = nil
		}
	}()
	for range maxParts {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF) && taken == nil:
			return nil, "", attachment.ErrEmpty
		case errors.Is(err, io.EOF):
			taken.Call(name)
			return taken, name, nil
		case err != nil:
			return taken, "", transfer(err)
		}
		switch part.FormName() {
		case "file":
			if taken != nil {
				return taken, "", errForm
			}
			if name == "" {
				name = part.FileName()
			}
			if taken, err = a.files.Take(ctx, actorOf(ctx), transferred{part}); err != nil {
				return nil, "", err
			}
		case "name":
			b, err := io.ReadAll(io.LimitReader(part, maxField))
			if err != nil {
				return taken, "", transfer(err)
			}
			name = string(b)
		}
	}
	return taken, "", errForm
}

// transferred makes of whatever interrupts a body what the client reads of it;
// what goes wrong on our side stays as it is.
type transferred struct{ io.Reader }

// Read implements io.Reader.
func (t transferred) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = transfer(err)
	}
	return n, err
}

func transfer(err error) error {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return attachment.ErrTooLarge
	}
	return errTimeout
}

// download serves what a link leads to. The link is the permission: it was in
// an answer to somebody who may see it.
func (a *API) download(c *gin.Context) {
	served, err := a.files.Open(c.Request.Context(), c.Param("link"))
	if err != nil {
		a.abort(c, err)
		return
	}
	defer func() { _ = served.Close() }()
	h := c.Writer.Header()
	h.Set("Content-Type", served.MediaType())
	h.Set("Content-Disposition", served.Attachment.Disposition())
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox") // nothing in it runs, whatever opens it
	h.Set("Cross-Origin-Resource-Policy", "same-site")
	h.Set("Cache-Control", "private, max-age=300")
	h.Set("ETag", served.ETag())
	http.ServeContent(a.patience.writer(c.Writer), c.Request, "", time.Time{}, served)
}

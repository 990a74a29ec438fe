// Package attachment keeps pictures and files. They are uploaded first and
// referred to later: an upload is its uploader's alone until one act (a matter
// that is handed in, a reply) refers to it, once, in the act's transaction.
//
// What is kept is what was allowed, not what came: pictures are decoded and
// written anew, so that nothing of their metadata, and nothing that was hidden
// behind them, is left; files are looked through by their content, never by
// their name, and are served under the type that was found, to be saved and not
// to be shown.
//
// The content lies in a bucket (a folder, or S3), under the identifier of its
// row. A row in uploads is written before the content, and goes in the
// transaction that writes the attachment: what an upload left behind when it
// was cut is found by it.
package attachment

import (
	"time"

	"yanlu/internal/fault"
)

// The faults of files.
var (
	ErrNotFound = fault.New(fault.NotFound, "attachment.not_found", "没有找到这个照片或文件，可能已用于别处，或放得太久已被清理。请重新上传。")
	ErrLink     = fault.New(fault.NotFound, "attachment.link", "这个链接已经失效，请返回上一页重新打开。")
	ErrEmpty    = fault.New(fault.Invalid, "attachment.empty", "没有收到文件，请重新选择后上传。")
	ErrType     = fault.New(fault.Invalid, "attachment.type", "这种文件不能上传。可以传照片（JPG、PNG、HEIC），以及PDF、DOCX、XLSX、CSV、MP3、M4A、MP4文件。")
	ErrBroken   = fault.New(fault.Invalid, "attachment.broken", "这个文件打不开，可能已经损坏，请换一份再传。")
	ErrTooLarge = fault.New(fault.TooLarge, "attachment.too_large", "文件太大了，请压缩后再传。")
	ErrPixels   = fault.New(fault.Invalid, "attachment.pixels", "这张照片的尺寸太大了，请缩小后再传。")
	ErrMacro    = fault.New(fault.Invalid, "attachment.macro", "这个文件里有宏，为了安全不能上传。请另存为不带宏的文件再传。")
	ErrExpands  = fault.New(fault.Invalid, "attachment.expands", "这个文件解开后太大，为了安全不能上传。")
	ErrBusy     = fault.New(fault.Unavailable, "attachment.busy", "正在处理的照片太多，请稍等一会儿再传。")
	ErrWaiting  = fault.New(fault.Conflict, "attachment.waiting", "您有太多已上传但没有用到的照片和文件，请先提交，或过一天再传。")
	ErrSort     = fault.New(fault.Invalid, "attachment.sort", "这里不能放这种文件，请按提示选择照片或文件。")
	ErrTooMany  = fault.New(fault.Invalid, "attachment.too_many", "照片和文件太多了，请减少几个。")
	ErrTwice    = fault.New(fault.Invalid, "attachment.twice", "同一个照片或文件选了两次，请去掉一个。")
)

// Sort tells a picture, which is shown, from a file, which is saved.
type Sort string

// The sorts.
const (
	Picture Sort = "PICTURE"
	File    Sort = "FILE"
)

// The media types that are kept. Every picture becomes a JPEG.
const (
	JPEG = "image/jpeg"
	PDF  = "application/pdf"
	DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	CSV  = "text/csv"
	MP3  = "audio/mpeg"
	M4A  = "audio/mp4"
	MP4  = "video/mp4"
)

// extensions are what the names of the media types end with.
var extensions = map[string]string{JPEG: ".jpg", PDF: ".pdf", DOCX: ".docx", XLSX: ".xlsx", CSV: ".csv", MP3: ".mp3", M4A: ".m4a", MP4: ".mp4"}

// Purpose is what an attachment is to the thing that refers to it.
type Purpose string

// The purposes, with what each takes.
const (
	ForMatter   Purpose = "MATTER"   // of the matter itself: pictures
	ForReply    Purpose = "REPLY"    // of a unit's reply: pictures and files
	ForProgress Purpose = "PROGRESS" // of a note on the progress: pictures and files
	ForScan     Purpose = "SCAN"     // of what is recorded from paper: pictures and PDF
)

// takes lists the media types that a purpose takes. A CSV is for imports alone.
func (p Purpose) takes() []string {
	switch p {
	case ForMatter:
		return []string{JPEG}
	case ForScan:
		return []string{JPEG, PDF}
	case ForReply, ForProgress:
		return []string{JPEG, PDF, DOCX, XLSX, MP3, M4A, MP4}
	default:
		return nil
	}
}

// Attachment is one picture or file. While MatterID is nil nothing refers to it.
type Attachment struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	UploaderID    *string // the person; nil: somebody of an institution below, which handed it up
	CopyOf        *string // the attachment whose content this one shows as well; nil: it has its own
	Sort          Sort
	MediaType     string // ours, not the client's
	Name          string // safe to be a file's name, with the extension of MediaType
	Size          int64  // bytes of what is kept
	Digest        string // SHA-256 of what is kept, in hexadecimal digits
	Width         int    // of a picture, in pixels
	Height        int
	Held          bool // for its uploader and staff alone, until content safety releases it
	MatterID      *string
	AssignmentID  *string
	PartID        *string // the reply, note or event of the matter that it belongs to
	Purpose       Purpose // empty while nothing refers to it
	Ordinal       int     // within what refers to it, from 1
	Public        bool    // authors see it; else insiders alone
	CreatedAt     time.Time
	ReferredAt    *time.Time
	RemovedAt     *time.Time // when it was left out of what refers to it
}

// By reports whether somebody uploaded it.
func (a Attachment) By(personID string) bool { return a.UploaderID != nil && *a.UploaderID == personID }

// content names the attachment under which the content lies.
func (a Attachment) content() string {
	if a.CopyOf != nil {
		return *a.CopyOf
	}
	return a.ID
}

// Upload is an upload that began: its content may be in the bucket although it
// has no attachment.
type Upload struct {
	ID        string `gorm:"primaryKey"`
	CreatedAt time.Time
}

// Limits are what one who runs the program may set.
type Limits struct {
	MaxPicture  int64 // bytes of a picture as it comes
	MaxFile     int64 // bytes of a file
	MaxPixels   int   // of a picture as it comes
	MaxSide     int   // pixels of the longer side of a picture as it is kept
	MaxWaiting  int   // attachments of one person that nothing refers to
	KeepWaiting time.Duration
	Link        time.Duration // for which a link holds, at most 15 minutes
}

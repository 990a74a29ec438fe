package attachment

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"time"

	"github.com/google/uuid"
)

// Variant is one of the forms in which an attachment is served.
type Variant byte

// The variants.
const (
	Original  Variant = 'o'
	Thumbnail Variant = 't' // of a picture
)

// linkPath is the route below which links lead.
const linkPath = "/v1/files/"

// A link is the identifier (16 bytes), the variant, whether it was given to one
// who sees what is held back (1 byte each), the second at which it ends (8
// bytes), and the keyed digest of all that (32 bytes).
const (
	linkBody = 16 + 1 + 1 + 8
	linkSize = linkBody + 32
)

// Link returns the path of a link to an attachment, for somebody who may see
// it now. Whoever has it may open it until it ends, after two thirds to the
// whole of Limits.Link: links that are given out within the same third are the
// same, so that a client's cache knows them. An attachment that is held back is
// opened only by a link that was given out while it was.
func (s *Service) Link(a Attachment, v Variant) string {
	step := s.limits.Link / 3
	return linkPath + s.link(a.ID, v, a.Held, s.now().Truncate(step).Add(s.limits.Link))
}

func (s *Service) link(id string, v Variant, held bool, ends time.Time) string {
	at := uuid.MustParse(id) // our own
	b := append(at[:], byte(v), 0)
	if held {
		b[17] = 1
	}
	b = binary.BigEndian.AppendUint64(b, uint64(ends.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b, s.sign(b)...))
}

// sign is an HMAC-SHA256 by the look-up key, for this purpose alone.
func (s *Service) sign(body []byte) []byte {
	sum, err := hex.DecodeString(s.keeper.Digest("attachment.link", string(body)))
	if err != nil {
		panic(err) // it is hexadecimal
	}
	return sum
}

// ticket is what a link says.
type ticket struct {
	id      string
	variant Variant
	held    bool
}

// open reads a link. One that was not given out by us, or that has ended, is
// ErrLink; it costs no query.
func (s *Service) open(link string) (ticket, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(link)
	if err != nil || len(b) != linkSize || !hmac.Equal(b[linkBody:], s.sign(b[:linkBody])) {
		return ticket{}, ErrLink
	}
	ends := time.Unix(int64(binary.BigEndian.Uint64(b[18:linkBody])), 0)
	if !s.now().Before(ends) {
		return ticket{}, ErrLink
	}
	return ticket{uuid.UUID(b[:16]).String(), Variant(b[16]), b[17] == 1}, nil
}

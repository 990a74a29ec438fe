package api

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// onePacket is how many bytes go over the wire at once: compressing what is shorter
// gains nothing.
const onePacket = 1400

// compressed wraps a handler so that the long answers of the API go out compressed, to
// whoever takes that. A list is a fifth then, the forms of all actions an eighth. The
// files of the page are compressed already, and pictures and documents gain nothing.
// Each answer is up to 32 bytes longer by chance, so that its length tells nobody on
// the line what is in it (https://breachattack.com).
func compressed(handler http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.MinSize(onePacket),
		gzhttp.ContentTypes([]string{"application/json"}),
		gzhttp.RandomJitter(32, 0, false),
		gzhttp.SetContentType(false),
	)
	if err != nil {
		return nil, err
	}
	packed := wrap(handler)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			packed.ServeHTTP(w, r)
		} else {
			handler.ServeHTTP(w, r)
		}
	}), nil
}

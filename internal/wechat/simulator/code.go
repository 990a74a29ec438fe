package simulator

import (
	"bytes"
	"image/png"
	"regexp"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

// PathCode is the path of getUnlimitedQRCode.
const PathCode = "wxa/getwxacodeunlimit"

// rawPicture is the key under which a handler gives an answer that is no JSON.
const rawPicture = "\x00picture"

var sceneForm = regexp.MustCompile(`^[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+$`)

// code answers getUnlimitedQRCode with a PNG of a plain QR code that holds the
// scene, where the platform draws a round code of its own in a JPEG.
func (s *Simulator) code(r request, call *Call) answer {
	if bad := s.authorise(r); bad != nil {
		return bad
	}
	in := struct {
		Scene      string `json:"scene"`
		Page       string `json:"page"`
		CheckPath  bool   `json:"check_path"`
		EnvVersion string `json:"env_version"`
		Width      int    `json:"width"`
	}{CheckPath: true, EnvVersion: "release", Width: 430}
	if err := r.decode(&in); err != nil {
		return failure(47001, "data format error")
	}
	call.Fields = map[string]string{"page": in.Page, "env_version": in.EnvVersion}
	switch {
	case len(in.Scene) == 0 || len(in.Scene) > 32:
		return failure(40169, "invalid length for scene, or the data is not json string")
	case !sceneForm.MatchString(in.Scene):
		return failure(40129, "invalid scene")
	case in.Page != "" && (in.Page[0] == '/' || in.Page != pageName(in.Page)):
		return failure(41030, "invalid page")
	case in.CheckPath && in.Page != "" && len(s.pages) > 0 && !s.pages[in.Page]:
		return failure(41030, "invalid page")
	case in.EnvVersion != "release" && in.EnvVersion != "trial" && in.EnvVersion != "develop":
		return failure(40097, "invalid args! env_version")
	case in.Width < 280 || in.Width > 1280:
		return failure(40097, "invalid args! width")
	}
	raw, err := Picture(in.Scene, in.Width)
	if err != nil {
		return failure(-1, "system error")
	}
	return answer{rawPicture: raw}
}

// Picture is the PNG that stands for the code of a scene, width pixels wide, for
// tests that compare.
func Picture(scene string, width int) ([]byte, error) {
	drawn, err := qr.Encode(scene, qr.M, qr.Unicode)
	if err != nil {
		return nil, err
	}
	scaled, err := barcode.Scale(drawn, width, width)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = png.Encode(&b, scaled)
	return b.Bytes(), err
}

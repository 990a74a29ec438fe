package api_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"yanlu/config"
	"yanlu/internal/app/apptest"
	"yanlu/internal/attachment"
	sample "yanlu/internal/attachment/attachmenttest"
	"yanlu/internal/institution"
	"yanlu/internal/store"
)

// file is what the tests read of an attachment.
type file struct {
	ID, Sort, Name, URL string
	MediaType           string `json:"media_type"`
	ThumbnailURL        string `json:"thumbnail_url"`
	Size                int64
	Width, Height       int
	Held                bool
	Purpose             string
}

func upload(w *apptest.World, person, name string, content []byte) file {
	w.T.Helper()
	var f file
	w.Upload(person, "", name, content).Into(w.T, http.StatusCreated, &f)
	return f
}

// fetch opens a link as anybody does who has it: without logging in.
func fetch(w *apptest.World, link string, header ...string) apptest.Answer {
	w.T.Helper()
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return w.Send(apptest.Call{Method: http.MethodGet, Path: link, Header: h})
}

func rows(w *apptest.World, table string) (n int) {
	w.T.Helper()
	if err := w.DB.Gorm(w.T.Context()).Raw("SELECT COUNT(*) FROM " + table).Scan(&n).Error; err != nil {
		w.T.Fatal(err)
	}
	return n
}

// like tells whether a pixel is nearly of a colour.
func like(m image.Image, x, y int, want color.RGBA) bool {
	got := color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) < 25 }
	return near(got.R, want.R) && near(got.G, want.G) && near(got.B, want.B)
}

var red = color.RGBA{200, 30, 30, 255}

// TestEveryTypeIsTakenAndServed holds for each type that what is served has our
// own type and name, is saved rather than shown where it is a file, runs
// nothing, and is just what was kept.
func TestEveryTypeIsTakenAndServed(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for _, c := range []struct {
		name, sent        string
		content           []byte
		mediaType, kept   string
		width, height     int
		pictureAsItLooked bool
	}{
		{"JPEG", "路灯.JPEG", sample.JPEG(90, 60), "image/jpeg", "路灯.jpg", 90, 60, true},
		{"PNG", "图.png", sample.PNG(90, 60), "image/jpeg", "图.jpg", 90, 60, true},
		{"HEIC", "IMG_0001.HEIC", sample.HEIC, "image/jpeg", "IMG_0001.jpg", 96, 64, true},
		{"a picture of the largest size", "大.jpg", sample.JPEG(4000, 1000), "image/jpeg", "大.jpg", 2560, 640, true},
		{"PDF", "答复.pdf", sample.PDF(), "application/pdf", "答复.pdf", 0, 0, false},
		{"DOCX", "答复.docx", sample.DOCX(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "答复.docx", 0, 0, false},
		{"XLSX", "名单.xlsx", sample.XLSX(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "名单.xlsx", 0, 0, false},
		{"CSV in UTF-8", "名单.csv", sample.CSV(), "text/csv", "名单.csv", 0, 0, false},
		{"CSV in GBK", "名单.csv", sample.GBK(), "text/csv", "名单.csv", 0, 0, false},
		{"MP3", "录音.mp3", sample.MP3(), "audio/mpeg", "录音.mp3", 0, 0, false},
		{"M4A", "录音.m4a", sample.M4A(), "audio/mp4", "录音.m4a", 0, 0, false},
		{"sound that calls itself MP4", "录音.mp4", sample.MP4("soun"), "audio/mp4", "录音.m4a", 0, 0, false},
		{"MP4", "现场.mp4", sample.MP4("vide"), "video/mp4", "现场.mp4", 0, 0, false},
		{"a text with the name of a picture", "照片.jpg", sample.CSV(), "text/csv", "照片.csv", 0, 0, false},
	} {
		f := upload(w, apptest.Author, c.sent, c.content)
		sort, how := "FILE", "attachment"
		if c.pictureAsItLooked {
			sort, how = "PICTURE", "inline"
		}
		if f.MediaType != c.mediaType || f.Name != c.kept || f.Sort != sort || f.Width != c.width || f.Height != c.height {
			t.Errorf("%s: %+v", c.name, f)
		}
		a := fetch(w, f.URL).Want(t, http.StatusOK)
		h := a.Header
		if h.Get("Content-Type") != c.mediaType || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") ||
			!strings.HasPrefix(h.Get("Content-Disposition"), how+"; ") || int64(len(a.Body)) != f.Size {
			t.Errorf("%s is served with %v, %d bytes", c.name, h, len(a.Body))
		}
		if !c.pictureAsItLooked {
			if f.ThumbnailURL != "" || !strings.Contains(c.name, "M") && !bytes.Equal(a.Body, c.content) {
				t.Errorf("%s is not what was sent", c.name)
			}
			continue
		}
		for link, most := range map[string]int{f.URL: 2560, f.ThumbnailURL: 480} {
			m, err := jpeg.Decode(bytes.NewReader(fetch(w, link).Want(t, http.StatusOK).Body))
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			size := m.Bounds().Size()
			if max(size.X, size.Y) > most || !like(m, size.X/4, size.Y/4, red) || like(m, 3*size.X/4, size.Y/4, red) {
				t.Errorf("%s is served as %v", c.name, size)
			}
		}
	}
}

// TestWhatIsNotAllowedIsRefused holds that the content decides, not the name,
// and that nothing is left of what was refused.
func TestWhatIsNotAllowedIsRefused(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, func(c *config.Config) { c.Files.MaxPicture, c.Files.MaxFile = 1<<20, 1<<20 })
	zeros := make([]byte, 201<<20) // a hundred times smaller in an archive
	bomb := sample.Office("wordprocessingml.document", sample.Part{Name: "word/media.xml", Content: zeros})
	lie := append([]byte(nil), bomb...) // says that its part is small
	for at := 0; ; {
		i := bytes.Index(lie[at:], []byte{0, 0, 0x90, 0x0c})
		if i < 0 {
			break
		}
		copy(lie[at+i:], []byte{16, 0, 0, 0})
		at += i + 4
	}
	parts := make([]sample.Part, 4100)
	for i := range parts {
		parts[i].Name = fmt.Sprint("p", i)
	}
	for _, c := range []struct {
		name, sent string
		content    []byte
		want       string
	}{
		{"nothing", "a.jpg", nil, "attachment.empty"},
		{"a page", "a.jpg", []byte("<!doctype html><script>alert(1)</script>"), "attachment.type"},
		{"an SVG", "a.png", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "attachment.type"},
		{"a program", "a.pdf", append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 100)...), "attachment.type"},
		{"an archive", "a.docx", sample.Zip(sample.Part{Name: "a.txt", Content: []byte("a")}), "attachment.type"},
		{"a text with control characters", "a.csv", []byte("a,b\n\x1b[2J,c\n"), "attachment.type"},
		{"an old document of Word", "a.doc", append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 600)...), "attachment.type"},
		{"GIF", "a.gif", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "attachment.type"},
		{"half a JPEG", "a.jpg", sample.JPEG(90, 60)[:300], "attachment.broken"},
		{"half a HEIC", "a.heic", sample.HEIC[:300], "attachment.broken"},
		{"half a PDF", "a.pdf", sample.PDF()[:60], "attachment.broken"},
		{"half a DOCX", "a.docx", sample.DOCX()[:200], "attachment.broken"},
		{"half an MP4", "a.mp4", sample.MP4("vide")[:200], "attachment.broken"},
		{"MP3 that is none", "a.mp3", append([]byte("ID3\x03\x00\x00\x00\x00\x00\x00"), make([]byte, 500)...), "attachment.broken"},
		{"a polyglot of PDF and archive", "a.pdf", append(sample.PDF(), sample.Zip(sample.Part{Name: "a.js", Content: []byte("a")})...), "attachment.broken"},
		{"a polyglot of archive and page", "a.docx", append(sample.DOCX(), "<script>alert(1)</script>"...), "attachment.broken"},
		{"a polyglot of MP3 and archive", "a.mp3", append(sample.MP3(), sample.DOCX()...), "attachment.broken"},
		{"a polyglot of MP4 and archive", "a.mp4", append(sample.MP4("vide"), sample.Box("free", sample.DOCX())...), "attachment.broken"},
		{"a document with macros", "a.docx", sample.Office("wordprocessingml.document", sample.Part{Name: "word/vbaProject.bin", Content: []byte("x")}), "attachment.macro"},
		{"a spreadsheet with the older macros", "a.xlsx", sample.Office("spreadsheetml.sheet", sample.Part{Name: "xl/macrosheets/sheet1.xml", Content: []byte("x")}), "attachment.macro"},
		{"another document of Office", "a.pptx", sample.Office("presentationml.presentation"), "attachment.type"},
		{"two parts of one name", "a.docx", sample.Office("wordprocessingml.document", sample.Part{Name: "MAIN.xml"}), "attachment.broken"},
		{"a part outside", "a.docx", sample.Office("wordprocessingml.document", sample.Part{Name: "../../evil"}), "attachment.broken"},
		{"a bomb", "a.docx", bomb, "attachment.expands"},
		{"a bomb that hides it", "a.docx", lie, "attachment.broken"},
		{"too many parts", "a.docx", sample.Office("wordprocessingml.document", parts...), "attachment.expands"},
		{"a bomb of pixels, PNG", "a.png", sample.PNGBomb(), "attachment.pixels"},
		{"a bomb of pixels, HEIC", "a.heic", sample.HEICBomb, "attachment.pixels"},
		{"a bomb of scans", "a.jpg", append(sample.JPEG(90, 60), bytes.Repeat([]byte{0xff, 0xda, 0, 2}, 200)...), "attachment.pixels"},
		{"too large", "a.csv", bytes.Repeat([]byte("a,b\n"), 300_000), "attachment.too_large"},
	} {
		if a := w.Upload(apptest.Author, "", c.sent, c.content); a.Code() != c.want {
			t.Errorf("%s: %d %q, want %q", c.name, a.Status, a.Code(), c.want)
		}
	}
	if n := rows(w, "attachments") + rows(w, "uploads") + rows(w, "idempotency WHERE route LIKE 'attachment%'"); n != 0 {
		t.Errorf("%d rows are left of what was refused", n)
	}
}

// TestAPolyglotIsServedAsWhatItWasTakenFor holds that what was hidden behind a
// picture is gone.
func TestAPolyglotIsServedAsWhatItWasTakenFor(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	hidden := sample.Zip(sample.Part{Name: "evil.html", Content: []byte("<script>alert(1)</script>")})
	for name, content := range map[string][]byte{"a.jpg": sample.JPEG(90, 60), "a.png": sample.PNG(90, 60), "a.heic": sample.HEIC} {
		f := upload(w, apptest.Author, name, append(append([]byte(nil), content...), hidden...))
		body := fetch(w, f.URL).Want(t, http.StatusOK).Body
		if bytes.Contains(body, []byte("PK\x03\x04")) || bytes.Contains(body, []byte("evil")) {
			t.Errorf("%s still has what was behind it", name)
		}
	}
}

// TestNothingPersonalIsLeftInAPicture holds on the bytes themselves that a photo
// from a telephone is served upright and says nothing of where it was taken;
// and that a recording says nothing of that either.
func TestNothingPersonalIsLeftInAPicture(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	photo := sample.Photo(90, 60)
	for _, mark := range []string{sample.Place, "Exif", "\x88\x25"} {
		if !bytes.Contains(photo, []byte(mark)) {
			t.Fatalf("the sample has no %q", mark)
		}
	}
	f := upload(w, apptest.Author, "IMG.jpg", photo)
	for _, link := range []string{f.URL, f.ThumbnailURL} {
		body := fetch(w, link).Want(t, http.StatusOK).Body
		for _, mark := range []string{"SECRET", "Exif", "xmp", "ns.adobe", "GPS", "\xff\xe1", "\xff\xfe"} {
			if bytes.Contains(body, []byte(mark)) {
				t.Errorf("%q is left in what is served", mark)
			}
		}
		m, err := jpeg.Decode(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		// Orientation 6: the first row is at the right. Red was at the upper left.
		if size := m.Bounds().Size(); size != image.Pt(60, 90) || !like(m, 45, 20, red) || like(m, 15, 20, red) || like(m, 45, 70, red) {
			t.Errorf("it is not upright: %v", size)
		}
	}
	for name, content := range map[string][]byte{"a.mp4": sample.MP4("vide"), "a.m4a": sample.M4A()} {
		body := fetch(w, upload(w, apptest.Author, name, content).URL).Want(t, http.StatusOK).Body
		if bytes.Contains(body, []byte("SECRET")) || bytes.Contains(body, []byte("udta")) || len(body) != len(content) {
			t.Errorf("%s still tells where it was recorded", name)
		}
	}
}

// TestNamesAreSafe holds that no name leads out of a folder, turns its reader's
// eye, or breaks a header.
func TestNamesAreSafe(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for sent, want := range map[string]string{
		"../../etc/passwd":          "passwd.pdf",
		`C:\Windows\system32\a.pdf`: "a.pdf",
		"答复\u202efdp.exe":           "答复fdp.pdf",
		"a\x00b\x07.pdf":            "ab.pdf",
		"报告.pdf.exe":                "报告.pdf",
		"第3.1节":                     "第3.1节.pdf",
		`a"; filename="x.html`:      "a_; filename=_x.pdf",
		"CON.pdf":                   "_CON.pdf",
		"...":                       "文件.pdf",
		strings.Repeat("长", 300):    strings.Repeat("长", 60) + ".pdf",
		"ئۇيغۇرچە ھۆججەت.pdf":       "ئۇيغۇرچە ھۆججەت.pdf",
		"བོད་ཡིག.pdf":               "བོད་ཡིག.pdf",
		"a\r\nSet-Cookie: x=1.pdf":  "a  Set-Cookie_ x=1.pdf",
		"  空格 .pdf  ":               "空格.pdf",
		"bad\xff\xfeutf8.pdf":       "badutf8.pdf",
	} {
		var body bytes.Buffer
		_, _ = fmt.Fprintf(&body, "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n%s\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"tmp_1.jpg\"\r\n\r\n%s\r\n--b--\r\n", sent, sample.PDF())
		a := w.Send(apptest.Call{
			Method: http.MethodPost, Path: "/v1/attachments", Token: w.Token(apptest.Author), Body: body.Bytes(),
			Header: http.Header{"Content-Type": {"multipart/form-data; boundary=b"}},
		})
		var f file
		a.Into(t, http.StatusCreated, &f)
		if f.Name != want {
			t.Errorf("%q becomes %q, want %q", sent, f.Name, want)
		}
		disposition := fetch(w, f.URL).Want(t, http.StatusOK).Header.Get("Content-Disposition")
		if strings.Count(disposition, `"`) != 2 || strings.ContainsFunc(disposition, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q is served with %q", sent, disposition)
		}
	}
}

// cutConnection sends the beginning of an upload over a real connection and cuts
// it.
func cutConnection(t *testing.T, server *httptest.Server, token, key string, body []byte, contentType string, sent int) {
	t.Helper()
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintf(c, "POST /v1/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", token, key, contentType, len(body))
	_, _ = c.Write(body[:sent])
	_ = c.Close()
}

// TestAnUploadCutOnTheWayIsOneAttachment holds that an upload which is cut
// leaves nothing, that sent again under its key it is taken, that the answer of
// one which arrived is given again, and that another content under the key is
// refused.
func TestAnUploadCutOnTheWayIsOneAttachment(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	server := httptest.NewServer(w.API)
	defer server.Close()
	key, content := uuid.NewString(), sample.PNG(300, 200)
	body, contentType := apptest.Form("a.png", content)
	token := w.Token(apptest.Author)
	for _, sent := range []int{0, 50, 200, len(body) / 2, len(body) - 3} {
		cutConnection(t, server, token, key, body, contentType, sent)
	}
	server.CloseClientConnections()
	time.Sleep(100 * time.Millisecond)
	for deadline := time.Now().Add(5 * time.Second); rows(w, "uploads") > 0 && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond) // the last one may have its content already, and not its end
	}
	if n := rows(w, "attachments") + rows(w, "uploads"); n != 0 {
		t.Fatalf("%d rows are left of what was cut", n)
	}
	var first, again file
	w.Upload(apptest.Author, key, "a.png", content).Into(t, http.StatusCreated, &first)
	w.Upload(apptest.Author, key, "a.png", content).Into(t, http.StatusCreated, &again)
	if first.ID != again.ID || rows(w, "attachments") != 1 || rows(w, "uploads") != 0 {
		t.Errorf("sent twice it is %s and %s, in %d rows", first.ID, again.ID, rows(w, "attachments"))
	}
	fetch(w, again.URL).Want(t, http.StatusOK)
	if a := w.Upload(apptest.Author, key, "a.png", sample.PNG(301, 200)); a.Code() != "idempotency.reused" {
		t.Errorf("another content under the key: %d %s", a.Status, a.Code())
	}
	w.Token(apptest.CoAuthor)
	ids := together(6, func(int) string { // twins on their way at the same time
		var f file
		w.Upload(apptest.CoAuthor, key, "a.png", content).Into(t, http.StatusCreated, &f)
		return f.ID
	})
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("twins became %v", ids)
			break
		}
	}
	if n := rows(w, "attachments"); n != 2 {
		t.Errorf("there are %d attachments, want one for each of the two", n)
	}
}

// TestASlowLineIsWaitedFor holds that an upload may take longer than the
// server's time-out for a request, and that one which stands still is cut.
func TestASlowLineIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, func(c *config.Config) { c.HTTP.ReadTimeout, c.HTTP.WriteTimeout = time.Second, time.Second })
	server := httptest.NewUnstartedServer(w.API)
	server.Config.ReadTimeout, server.Config.WriteTimeout = time.Second, time.Second
	server.Start()
	defer server.Close()
	token := w.Token(apptest.Author)
	body, contentType := apptest.Form("a.jpg", sample.JPEG(90, 60))
	send := func(pieces int, pause time.Duration) (int, error) {
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		_, _ = fmt.Fprintf(c, "POST /v1/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", token, uuid.NewString(), contentType, len(body))
		for i := range pieces {
			time.Sleep(pause)
			if _, err := c.Write(body[len(body)*i/pieces : len(body)*(i+1)/pieces]); err != nil {
				return 0, err
			}
		}
		response, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			return 0, err
		}
		return response.StatusCode, response.Body.Close()
	}
	if status, err := send(5, 500*time.Millisecond); status != http.StatusCreated {
		t.Errorf("two and a half seconds for an upload: %d, %v", status, err)
	}
	if status, _ := send(2, 2*time.Second); status == http.StatusCreated {
		t.Error("an upload that stood still was taken")
	}
}

// TestFilesAreForThoseWhoSeeTheMatter holds who gets a link: the uploader with
// the upload, then those who may see the matter, and of a reply those who see
// the reply.
func TestFilesAreForThoseWhoSeeTheMatter(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	pictures := []string{w.Uploaded(apptest.Author, "2.jpg", sample.JPEG(90, 60)), w.Uploaded(apptest.Author, "1.jpg", sample.JPEG(60, 90))}
	var s state
	w.Post(apptest.Author, "/v1/suggestions", map[string]any{
		"title": "修复人民路路灯", "body": "人民路中段有六盏路灯已坏两周，晚上行人不便。", "category": "CITY", "pictures": pictures,
	}).Into(t, http.StatusCreated, &s)
	path := "/v1/suggestions/" + s.ID
	read := func(person string) (v struct {
		Attachments []file
		Replies     []struct{ Files []file }
	}) {
		t.Helper()
		w.Get(person, path).Into(t, http.StatusOK, &v)
		return v
	}
	for _, person := range []string{apptest.Author, apptest.Staff, apptest.Leader} {
		if v := read(person); len(v.Attachments) != 2 || v.Attachments[0].ID != pictures[0] || v.Attachments[1].ID != pictures[1] {
			t.Errorf("%s sees %+v", person, v.Attachments)
		} else {
			fetch(w, v.Attachments[0].URL).Want(t, http.StatusOK)
			fetch(w, v.Attachments[0].ThumbnailURL).Want(t, http.StatusOK)
		}
	}
	for _, person := range []string{apptest.OtherMember, apptest.ForeignStaff, apptest.LeadHandler} {
		w.Get(person, path).Want(t, http.StatusNotFound)
	}
	w.Write(func(tx *store.Tx) error { w.Files.Hold(tx, pictures[0]); return nil })
	before := read(apptest.Staff).Attachments[1]
	for person, sees := range map[string]int{apptest.Author: 2, apptest.Staff: 2, apptest.Leader: 1} {
		v := read(person)
		if len(v.Attachments) != sees {
			t.Errorf("%s sees %d of what is held back, want %d", person, len(v.Attachments), sees)
		}
		for _, x := range v.Attachments {
			fetch(w, x.URL).Want(t, http.StatusOK)
		}
	}
	w.Write(func(tx *store.Tx) error { w.Files.Hold(tx, pictures[1]); return nil })
	fetch(w, before.URL).Want(t, http.StatusNotFound) // a link from before it was held
	w.Write(func(tx *store.Tx) error {
		w.Files.Release(tx, pictures[0])
		w.Files.Release(tx, pictures[1])
		return nil
	})

	replied(w, s.ID, s.Version, map[string]any{"files": []string{w.Uploaded(apptest.LeadHandler, "答复.pdf", sample.PDF()), w.Uploaded(apptest.LeadHandler, "现场.jpg", sample.JPEG(60, 60))}})
	if v := read(apptest.Staff); len(v.Replies) != 1 || len(v.Replies[0].Files) != 2 || v.Replies[0].Files[0].Name != "答复.pdf" || len(v.Attachments) != 2 {
		t.Errorf("staff see %+v", v)
	}
	if v := read(apptest.Author); len(v.Replies) != 0 || len(v.Attachments) != 2 {
		t.Errorf("the author sees of an answer that has not passed: %+v", v)
	}
	lead := look(w, apptest.Staff, s.ID).Assignments[0]
	act(w, apptest.Staff, "/v1/assignments/"+lead.ID+"/pass", map[string]any{"version": lead.Version})
	if v := read(apptest.Author); len(v.Replies) != 1 || len(v.Replies[0].Files) != 2 {
		t.Errorf("the author sees of an answer that has passed: %+v", v)
	}
}

// replied takes a suggestion from its submission to a reply.
func replied(w *apptest.World, id string, version int64, more map[string]any) {
	w.T.Helper()
	path := "/v1/suggestions/" + id
	act(w, apptest.Staff, path+"/accept", map[string]any{"version": version, "route": "DIRECT_UNIT"})
	act(w, apptest.Staff, path+"/dispatch", map[string]any{"version": version + 1, "lead_unit_id": w.Units[0].ID})
	lead := look(w, apptest.Staff, id).Assignments[0]
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead.ID+"/sign_for", map[string]any{"version": lead.Version, "handler_name": "经办人", "handler_phone": "0991-5550101"})
	body := map[string]any{
		"version": lead.Version + 1, "outcome": "A", "body": "路灯已修复。", "contact_name": "经办人", "contact_phone": "0991-5550101", "way": "PHONE",
	}
	for k, v := range more {
		body[k] = v
	}
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead.ID+"/reply", body)
}

// TestWhatIsReferredToIsOnesOwnAndOnlyOnce holds who may refer to what.
func TestWhatIsReferredToIsOnesOwnAndOnlyOnce(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	submit := func(person string, pictures ...string) apptest.Answer {
		return w.Post(person, "/v1/suggestions", map[string]any{
			"title": "修复人民路路灯", "body": "人民路中段有六盏路灯已坏两周，晚上行人不便。", "category": "CITY", "pictures": pictures,
		})
	}
	own, others := w.Uploaded(apptest.Author, "a.jpg", sample.JPEG(60, 60)), w.Uploaded(apptest.CoAuthor, "a.jpg", sample.JPEG(60, 60))
	pdf := w.Uploaded(apptest.Author, "a.pdf", sample.PDF())
	foreign := w.Uploaded(apptest.ForeignMember, "a.jpg", sample.JPEG(60, 60))
	ten := make([]string, 10)
	for i := range ten {
		ten[i] = store.NewID()
	}
	for _, c := range []struct {
		name, want string
		pictures   []string
	}{
		{"another's", "attachment.not_found", []string{own, others}},
		{"of another institution", "attachment.not_found", []string{foreign}},
		{"one that is not there", "attachment.not_found", []string{store.NewID()}},
		{"a file", "attachment.sort", []string{own, pdf}},
		{"one twice", "attachment.twice", []string{own, own}},
		{"ten", "request.invalid", ten},
	} {
		if a := submit(apptest.Author, c.pictures...); a.Code() != c.want {
			t.Errorf("%s: %d %s", c.name, a.Status, a.Code())
		}
	}
	if n := rows(w, "matters"); n != 0 {
		t.Errorf("%d matters came of it", n)
	}
	submit(apptest.Author, own).Want(t, http.StatusCreated)
	if a := submit(apptest.Author, own); a.Code() != "attachment.not_found" {
		t.Errorf("again: %d %s", a.Status, a.Code())
	}
	one := w.Uploaded(apptest.Author, "a.jpg", sample.JPEG(60, 60))
	won := 0
	for _, status := range together(6, func(int) int { return submit(apptest.Author, one).Status }) {
		if status == http.StatusCreated {
			won++
		}
	}
	if won != 1 || rows(w, "attachments WHERE matter_id IS NOT NULL") != 2 {
		t.Errorf("of six who refer to one picture at once %d did", won)
	}
}

// TestLinks holds that a link which is changed in any place, has ended, or was
// made by others leads nowhere, and that all these answers are one.
func TestLinks(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	f := upload(w, apptest.Author, "a.jpg", sample.JPEG(90, 60))
	other := upload(w, apptest.ForeignMember, "a.jpg", sample.JPEG(60, 60))
	nowhere := func(name, link string) {
		t.Helper()
		if a := fetch(w, link); a.Status != http.StatusNotFound || a.Code() != "attachment.link" {
			t.Errorf("%s: %d %s", name, a.Status, a.Code())
		}
	}
	const prefix = "/v1/files/"
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(f.URL, prefix))
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw { // the identifier, the variant, the flag, the end, the signature
		changed := append([]byte(nil), raw...)
		changed[i] ^= 1
		nowhere(fmt.Sprint("byte ", i), prefix+base64.RawURLEncoding.EncodeToString(changed))
	}
	foreign, _ := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(other.URL, prefix))
	nowhere("a foreign identifier under an own signature", prefix+base64.RawURLEncoding.EncodeToString(append(foreign[:26:26], raw[26:]...)))
	nowhere("the identifier alone", prefix+f.ID)
	nowhere("nothing", prefix+"x")
	nowhere("a longer one", f.URL+"AAAA")
	w.Clock.Advance(9 * time.Minute)
	fetch(w, f.URL).Want(t, http.StatusOK)
	w.Clock.Advance(6*time.Minute + time.Second)
	nowhere("after a quarter of an hour", f.URL)
	nowhere("its thumbnail", f.ThumbnailURL)
}

// TestPartsOfAFileCanBeAskedFor holds that a player can jump.
func TestPartsOfAFileCanBeAskedFor(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	content := sample.MP3()
	f := upload(w, apptest.Author, "a.mp3", content)
	a := fetch(w, f.URL, "Range", "bytes=400-499").Want(t, http.StatusPartialContent)
	if !bytes.Equal(a.Body, content[400:500]) || a.Header.Get("Content-Range") != fmt.Sprintf("bytes 400-499/%d", len(content)) {
		t.Errorf("%v, %d bytes", a.Header, len(a.Body))
	}
	fetch(w, f.URL, "Range", "bytes=99999999-").Want(t, http.StatusRequestedRangeNotSatisfiable)
	fetch(w, f.URL, "If-None-Match", a.Header.Get("ETag")).Want(t, http.StatusNotModified)
}

// TestWhatNobodyRefersToIsCleanedUp holds that it is, after a day and not
// before, with its content; that what is referred to stays; that nobody can
// have too much of it; and that only the uploader reads it.
func TestWhatNobodyRefersToIsCleanedUp(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, func(c *config.Config) { c.Files.MaxWaiting = 3 })
	kept := w.Uploaded(apptest.Author, "a.jpg", sample.JPEG(60, 60))
	w.Post(apptest.Author, "/v1/suggestions", map[string]any{
		"title": "修复人民路路灯", "body": "人民路中段有六盏路灯已坏两周，晚上行人不便。", "category": "CITY", "pictures": []string{kept},
	}).Want(t, http.StatusCreated)
	var old []string
	for range 3 {
		old = append(old, w.Uploaded(apptest.Author, "名单.csv", sample.CSV()))
	}
	if a := w.Upload(apptest.Author, "", "a.csv", sample.CSV()); a.Code() != "attachment.waiting" {
		t.Errorf("a fourth: %d %s", a.Status, a.Code())
	}
	actor := w.Actor(apptest.Author)
	name, data, err := w.Files.Read(t.Context(), actor, old[0])
	if err != nil || name != "名单.csv" || !bytes.Equal(data, sample.CSV()) {
		t.Errorf("read: %q, %d bytes, %v", name, len(data), err)
	}
	for id, who := range map[string]string{old[0]: apptest.CoAuthor, kept: apptest.Author, old[1]: apptest.Staff, old[2]: apptest.ForeignMember} {
		if _, _, err := w.Files.Read(t.Context(), w.Actor(who), id); err == nil {
			t.Errorf("%s reads what is not theirs to read", who)
		}
	}
	contents := func() int { return len(w.Contents()) }
	if contents() != 5 { // the picture with its thumbnail
		t.Fatalf("there are %v", w.Contents())
	}
	w.Clock.Advance(23 * time.Hour)
	tidyFiles(w, 0)
	w.Clock.Advance(2 * time.Hour)
	tidyFiles(w, 3)
	if rows(w, "attachments") != 1 || rows(w, "uploads") != 0 || contents() != 2 {
		t.Errorf("left are %d rows and %v", rows(w, "attachments"), w.Contents())
	}
	w.Uploaded(apptest.Author, "a.csv", sample.CSV())
}

func tidyFiles(w *apptest.World, want int) {
	w.T.Helper()
	total := 0
	for _, n := range together(3, func(int) int { // three servers
		n, err := w.Files.Tidy(w.T.Context())
		if err != nil {
			w.T.Error(err)
		}
		return n
	}) {
		total = max(total, n)
	}
	if total > want || want > 0 && total == 0 {
		w.T.Errorf("tidied %d, want %d", total, want)
	}
}

// TestTheBodyLimitOfJSONStays holds that the way in for large bodies is one
// route, and takes no other form.
func TestTheBodyLimitOfJSONStays(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	large := bytes.Repeat([]byte("a,b\n"), 1<<19) // 2 MB
	w.Upload(apptest.Author, "", "a.csv", large).Want(t, http.StatusCreated)
	body, contentType := apptest.Form("a.csv", large)
	for path, want := range map[string]string{"/v1/suggestions": "request.too_large", "/v1/attachments/": "request.no_route"} {
		a := w.Send(apptest.Call{Method: http.MethodPost, Path: path, Token: w.Token(apptest.Author), Body: body, Header: http.Header{"Content-Type": {contentType}}})
		if a.Code() != want {
			t.Errorf("%s: %d %s", path, a.Status, a.Code())
		}
	}
	for name, c := range map[string]apptest.Call{
		"JSON":         {Body: map[string]any{"file": "x"}},
		"two files":    {Body: []byte("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\na,b\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b\"\r\n\r\na,b\r\n--b--\r\n"), Header: http.Header{"Content-Type": {"multipart/form-data; boundary=b"}}},
		"without file": {Body: []byte("--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\na\r\n--b--\r\n"), Header: http.Header{"Content-Type": {"multipart/form-data; boundary=b"}}},
	} {
		c.Method, c.Path, c.Token = http.MethodPost, "/v1/attachments", w.Token(apptest.Author)
		if a := w.Send(c); a.Status < 400 || a.Status >= 500 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if n := rows(w, "uploads"); n != 0 {
		t.Errorf("%d uploads are left over", n)
	}
}

// TestPicturesGoAlong: what is converted and then handed up shows its pictures in each
// of the three, from one content; who uploaded them is told above to nobody, a scan
// stays the office's, what was left out stays out, and what is held back is so in all.
func TestPicturesGoAlong(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	city := putAbove(w, w.County.ID, "天河市政协", institution.Prefecture)
	shown, dropped := w.Uploaded(apptest.Author, "灯.jpg", sample.JPEG(60, 90)), w.Uploaded(apptest.Author, "错.jpg", sample.JPEG(90, 60))
	var s state
	draft := submission("修复人民路路灯")
	draft["pictures"] = []string{shown, dropped}
	w.Post(apptest.Author, "/v1/suggestions/drafts", draft).Into(t, http.StatusCreated, &s)
	sent := submission("修复人民路路灯")
	sent["pictures"], sent["version"] = []string{shown}, s.Version
	s = act(w, apptest.Author, "/v1/suggestions/"+s.ID+"/send", sent)
	act(w, apptest.Staff, "/v1/suggestions/"+s.ID+"/convert", map[string]any{"version": s.Version, "kind": "opinion", "reason": "宜作为社情民意。"})
	var became struct{ Became struct{ ID string } }
	w.Get(apptest.Staff, "/v1/suggestions/"+s.ID).Into(t, http.StatusOK, &became)
	id := became.Became.ID
	pictures := func(name string) []file {
		var v struct{ Attachments []file }
		w.Get(name, opinions+id).Into(t, http.StatusOK, &v)
		return v.Attachments
	}
	for _, name := range []string{apptest.Author, apptest.Staff} {
		got := pictures(name)
		if len(got) != 1 || got[0].ID == shown || got[0].Name != "灯.jpg" {
			t.Fatalf("%s sees %+v", name, got)
		}
		fetch(w, got[0].URL).Want(t, http.StatusOK)
	}
	does(w, apptest.Staff, id, "register", nil)
	does(w, apptest.Staff, id, "send_for_sign", nil)
	does(w, apptest.Leader, id, "sign", nil)
	does(w, apptest.Staff, id, "hand_up", nil)
	above := func() []attachment.Attachment {
		b := w.DB.Batch()
		rows := attachment.Load(b, upperOf(w, id))
		if err := b.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		return *rows
	}
	up := above()
	if len(up) != 1 || up[0].UploaderID != nil || up[0].InstitutionID != city.institution.ID || *up[0].CopyOf != shown || up[0].Purpose != attachment.ForMatter {
		t.Fatalf("the city has %+v", up)
	}
	fetch(w, w.Files.Link(up[0], attachment.Original)).Want(t, http.StatusOK)
	w.Write(func(tx *store.Tx) error {
		w.Files.Hold(tx, shown)
		return nil
	})
	if len(pictures(apptest.Leader)) != 0 || len(pictures(apptest.Author)) != 1 || !above()[0].Held {
		t.Errorf("what is held back is shown: %+v", above())
	}
	fetch(w, w.Files.Link(up[0], attachment.Original)).Want(t, http.StatusNotFound)
}

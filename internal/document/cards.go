package document

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Card is an invitation that is handed to somebody on paper.
type Card struct {
	Name    string
	About   string // position or group; may be empty
	Code    string // in letters and digits
	Until   string // "2026年3月17日"
	Picture []byte // JPEG or PNG of the mini-program code; nil where there is none
}

// maxAbout is how many characters of Card.About fit on its line.
const maxAbout = 20

// Cards writes a .docx of A4 with six cards on a page, in two columns with dashed
// lines to cut along. The smallest print is 11 points and the steps are 13, since
// many who read them are over fifty.
func Cards(w io.Writer, institution string, cards []Card) error {
	views, pictures := make([]cardView, len(cards)), []picture{}
	for i, c := range cards {
		v := cardView{
			Institution: institution, Name: c.Name, NameSize: nameSize(c.Name), About: shorten(c.About, maxAbout), Code: grouped(c.Code), Until: c.Until,
		}
		if ext := extension(c.Picture); ext != "" {
			pictures = append(pictures, picture{fmt.Sprintf("code%d.%s", len(pictures)+1, ext), c.Picture})
			v.Picture = len(pictures)
		}
		views[i] = v
	}
	var rows [][]cardView
	for i := 0; i < len(views); i += 2 {
		row := views[i:min(i+2, len(views))]
		if len(row) == 1 {
			row = append(row[:1:1], cardView{})
		}
		rows = append(rows, row)
	}
	var body strings.Builder
	if err := shapes(cardsBody).Execute(&body, rows); err != nil {
		return fmt.Errorf("lay the cards out: %w", err)
	}
	if err := write(w, body.String(), pictures); err != nil {
		return fmt.Errorf("write the cards: %w", err)
	}
	return nil
}

// cardView is a card as it is laid out; one without a name is an empty place.
type cardView struct {
	Institution, Name, About, Code, Until string
	NameSize                              int // in half points
	Picture                               int // its number; 0 for none
}

// nameSize lets long names, as of several parts joined by "·", stay on one line
// or two.
func nameSize(name string) int {
	switch n := utf8.RuneCountInString(name); {
	case n <= 9:
		return 48
	case n <= 14:
		return 36
	case n <= 24:
		return 28
	}
	return 22
}

func shorten(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// grouped parts a code in two halves, so that it is read and typed without a
// slip; the program takes it with and without the dash.
func grouped(code string) string {
	if len(code) != 10 {
		return code
	}
	return code[:5] + "-" + code[5:]
}

// cardsBody lays out rows of two cards. Lengths are in twentieths of a point:
// 1 mm is 56.7 of them; the picture's are in EMU, 36,000 to a millimetre. A row is
// 91 mm high, three of them 273 of the 277 mm between the margins, so that the
// paragraph which must follow a table stays on the page.
const cardsBody = `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><w:body><w:tbl><w:tblPr><w:tblW w:w="10772" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>{{range $side := sides}}<w:{{$side}} w:val="dashed" w:sz="4" w:space="0" w:color="808080"/>{{end}}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="170" w:type="dxa"/><w:left w:w="227" w:type="dxa"/><w:bottom w:w="57" w:type="dxa"/><w:right w:w="227" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid><w:gridCol w:w="5386"/><w:gridCol w:w="5386"/></w:tblGrid>
{{- range .}}
<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="5159" w:hRule="exact"/></w:trPr>
{{- range .}}
<w:tc><w:tcPr><w:tcW w:w="5386" w:type="dxa"/></w:tcPr>
{{- if .Name}}
<w:p>{{run 22 false "595959" .Institution}}{{run 22 false "595959" " · 小程序邀请卡"}}</w:p>
<w:p><w:pPr><w:spacing w:before="40"/></w:pPr>{{run .NameSize true "000000" .Name}}</w:p>
<w:p><w:pPr><w:spacing w:after="60"/></w:pPr>{{run 24 false "262626" .About}}</w:p>
<w:tbl><w:tblPr><w:tblW w:w="4932" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid><w:gridCol w:w="2098"/><w:gridCol w:w="2834"/></w:tblGrid><w:tr><w:trPr><w:trHeight w:val="2000" w:hRule="atLeast"/></w:trPr>
<w:tc><w:tcPr><w:tcW w:w="2098" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr><w:p>
{{- if .Picture}}<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="1224000" cy="1224000"/><wp:docPr id="{{.Picture}}" name="code{{.Picture}}" descr="小程序码"/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="{{.Picture}}" name="code{{.Picture}}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rId{{.Picture}}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="1224000" cy="1224000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>
{{- else}}{{run 24 false "595959" "小程序码暂未取到，请用右边的邀请码"}}{{end -}}
</w:p></w:tc>
<w:tc><w:tcPr><w:tcW w:w="2834" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr><w:p>{{run 24 false "262626" "邀请码"}}</w:p><w:p><w:pPr><w:spacing w:before="40" w:after="40"/></w:pPr>{{run 32 true "000000" .Code}}</w:p><w:p>{{run 22 false "262626" (print .Until "前有效")}}</w:p><w:p>{{run 22 false "262626" "限本人使用，只用一次"}}</w:p></w:tc></w:tr></w:tbl>
<w:p><w:pPr><w:spacing w:before="80"/></w:pPr>{{run 26 false "000000" "① 打开微信，点“扫一扫”，扫上面的码。"}}</w:p>
<w:p><w:pPr><w:spacing w:before="30"/></w:pPr>{{run 26 false "000000" "② 核对姓名，点“绑定”。"}}</w:p>
<w:p><w:pPr><w:spacing w:before="30"/></w:pPr>{{run 26 false "000000" "③ 扫不出来时，在小程序里选“用邀请码绑定”，输入邀请码。"}}</w:p>
{{- else}}<w:p/>{{end}}</w:tc>
{{- end}}</w:tr>
{{- end}}</w:tbl><w:p><w:pPr><w:spacing w:line="20" w:lineRule="exact"/><w:rPr><w:sz w:val="2"/></w:rPr></w:pPr></w:p><w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="567" w:right="567" w:bottom="567" w:left="567" w:header="0" w:footer="0" w:gutter="0"/></w:sectPr></w:body></w:document>`

// run is a piece of text in one size (in half points), weight and colour.
func run(size int, bold bool, colour, s string) (string, error) {
	escaped, err := text(s)
	if err != nil || s == "" {
		return "", err
	}
	weight := ""
	if bold {
		weight = "<w:b/><w:bCs/>"
	}
	return fmt.Sprintf(`<w:r><w:rPr>%s<w:color w:val="%s"/><w:sz w:val="%d"/><w:szCs w:val="%d"/></w:rPr><w:t xml:space="preserve">%s</w:t></w:r>`, weight, colour, size, size, escaped), nil
}

// sides are the borders of a table, in the order that the schema wants.
func sides() []string { return []string{"top", "left", "bottom", "right", "insideH", "insideV"} }

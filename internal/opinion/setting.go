package opinion

import "yanlu/internal/institution"

// Settings lists what an institution may set of 社情民意, beside the periods.
func Settings() []institution.AnySetting {
	return []institution.AnySetting{KeepsWords(), AuthorsToUnits()}
}

// KeepsWords is whether an institution keeps the words and the scan of what leaders
// write (批示). Unless it is switched on, only that there was one is kept.
func KeepsWords() institution.Setting[bool] {
	return institution.Setting[bool]{Name: "opinion.instruction_words", Label: "保存领导批示的内容和扫描件"}
}

// AuthorsToUnits is whether the units that handle a report read who its authors
// are. Unless it is switched on they do not (落实保密要求).
func AuthorsToUnits() institution.Setting[bool] {
	return institution.Setting[bool]{Name: "opinion.authors_to_units", Label: "承办单位看得到社情民意的作者"}
}

; The installer for one user: it needs no administrator, touches no system folder and leaves nothing behind.
;
;   makensis -DVERSION=1.2.3 -DPROGRAM=FOLDER -DFILES=FILE -DASSETS=FOLDER -DWORDS=FILE -DOUT=FILE installer.nsi
;
; Silent: presence-tray-VERSION-setup.exe /S [/LAUNCHATLOGIN] [/START] [/D=C:\some\folder]      (/D last, unquoted)
;         "…\uninstall.exe" /S [/SIGNOUT] [/PURGE]
; Exit codes: 0 done, 2 given up (another program has a file of ours open; the running app did not end).

Target amd64-unicode
Unicode true
SetCompressor /SOLID lzma
SetDateSave off ; the same bytes twice
ManifestDPIAware true
RequestExecutionLevel user

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include Sections.nsh

!define TITLE "Presence Tray"
!define NAME "presence-tray"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define APPROVED "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"

Name "${TITLE}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\${TITLE}"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation" ; an upgrade goes where the older one is
BrandingText "${TITLE} ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${TITLE}"
VIAddVersionKey "FileDescription" "${TITLE} installer"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "MIT licence"

!define MUI_ICON "${ASSETS}/presence-tray.ico"
!define MUI_UNICON "${ASSETS}/presence-tray.ico"
!define MUI_COMPONENTSPAGE_SMALLDESC
!define MUI_FINISHPAGE_RUN "$INSTDIR\${NAME}-window.exe"
!define MUI_FINISHPAGE_RUN_TEXT "$(StartNow)"
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_COMPONENTS
!insertmacro MUI_UNPAGE_INSTFILES
!include "${WORDS}" ; the languages, and every text below that is written $(Name)

Var Given ; the command line

; End the running app, which clears its status, and wait until its program can be replaced.
!macro EndTheApp un
Function ${un}EndTheApp
  ${IfNot} ${FileExists} "$INSTDIR\${NAME}.exe"
    Return
  ${EndIf}
  ${For} $R1 1 20 ; the app, then a demo beside it
    nsExec::Exec '"$INSTDIR\${NAME}.exe" quit'
    Pop $R0
    ${If} $R0 == 0
    ${OrIf} $R0 == 1 ; it has not answered in time
      StrCpy $R8 1 ; something ran
    ${EndIf}
    ClearErrors
    FileOpen $R2 "$INSTDIR\${NAME}-window.exe" a ; a program that runs cannot be opened for writing
    ${IfNot} ${Errors}
      FileClose $R2
      FileOpen $R2 "$INSTDIR\${NAME}.exe" a
      ${IfNot} ${Errors}
        FileClose $R2
        Return
      ${EndIf}
    ${EndIf}
    Sleep 500
  ${Next}
  MessageBox MB_ICONSTOP "$(StillRuns)" /SD IDOK
  SetErrorLevel 2
  Abort "${TITLE} is still running."
FunctionEnd
!macroend
!insertmacro EndTheApp ""
!insertmacro EndTheApp "un."

; Remove what was installed into `_internal`, by the list that lies there, and nothing else: the folder may be shared.
!macro RemoveInstalled un
Function ${un}RemoveInstalled
  ClearErrors
  FileOpen $R1 "$INSTDIR\_internal\installed.txt" r
  ${If} ${Errors}
    Return
  ${EndIf}
  ${Do}
    FileRead $R1 $R2
    ${If} ${Errors}
      ${Break}
    ${EndIf}
    StrCpy $R2 $R2 -1 ; the end of the line
    Delete "$INSTDIR\_internal\$R2"
    RMDir "$INSTDIR\_internal\$R2" ; a folder, once it is empty
    ClearErrors
  ${Loop}
  FileClose $R1
  Delete "$INSTDIR\_internal\installed.txt"
  RMDir "$INSTDIR\_internal"
FunctionEnd
!macroend
!insertmacro RemoveInstalled ""
!insertmacro RemoveInstalled "un."

Section "${TITLE}" TheProgram
  SectionIn RO
  Call EndTheApp
  Call RemoveInstalled ; files that only an older version had
  SetOutPath "$INSTDIR"
  File /r "${PROGRAM}/*"
  File "/oname=_internal\installed.txt" "${FILES}"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${TITLE}.lnk" "$INSTDIR\${NAME}-window.exe" "" "" "" "" "" "$(Shortcut)"
  CreateShortcut "$SMPROGRAMS\${TITLE} settings.lnk" "$INSTDIR\${NAME}-window.exe" "settings" "" "" "" "" "$(SettingsShortcut)"

  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${TITLE}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\${NAME}-window.exe"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "${TITLE}"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $R0 $R1 $R2
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $R0
SectionEnd

Section /o "$(LaunchAtLogin)" LaunchAtLogin
  nsExec::Exec '"$INSTDIR\${NAME}.exe" autostart on' ; the program knows its own command
  Pop $R0
SectionEnd

Section "-Start"
  ${GetOptions} $Given "/START" $R0
  ${IfNot} ${Errors}
  ${OrIf} $R8 == 1 ; an upgrade starts again what was running
    ${If} ${Silent}
      Exec '"$INSTDIR\${NAME}-window.exe"'
    ${EndIf}
  ${EndIf}
SectionEnd

Function .onInit
  StrCpy $R8 0
  ${GetParameters} $Given
  ClearErrors
  ${GetOptions} $Given "/LAUNCHATLOGIN" $R0
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${LaunchAtLogin}
  ${EndIf}
FunctionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${TheProgram} $(AboutProgram)
  !insertmacro MUI_DESCRIPTION_TEXT ${LaunchAtLogin} $(AboutLogin)
!insertmacro MUI_FUNCTION_DESCRIPTION_END

; ---------------------------------------------------------------------------------------------------- uninstaller

Section "un.$(SignOut)" SignOut ; the first, while the program is still there
  nsExec::Exec '"$INSTDIR\${NAME}.exe" sign-out' ; clears the status, then removes the tokens
  Pop $R0
SectionEnd

Section "un.${TITLE}" UnProgram
  SectionIn RO
  Call un.EndTheApp
  ReadRegStr $R0 HKCU "${RUN}" "${TITLE}"
  StrLen $R1 '"$INSTDIR\'
  StrCpy $R2 $R0 $R1
  ${If} $R2 == '"$INSTDIR\' ; not the entry of a copy elsewhere
    DeleteRegValue HKCU "${RUN}" "${TITLE}"
    DeleteRegValue HKCU "${APPROVED}" "${TITLE}"
  ${EndIf}
  Delete "$SMPROGRAMS\${TITLE}.lnk"
  Delete "$SMPROGRAMS\${TITLE} settings.lnk"
  DeleteRegKey HKCU "${UNINSTALL}"
  Call un.RemoveInstalled
  Delete "$INSTDIR\${NAME}.exe"
  Delete "$INSTDIR\${NAME}-window.exe"
  Delete "$INSTDIR\third-party-licences.txt"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR" ; only if it is empty: it may hold files of the user's
SectionEnd

Section /o "un.$(SettingsAndLog)" Data
  RMDir /r "$LOCALAPPDATA\${NAME}"
  RMDir /r "$LOCALAPPDATA\Temp\${NAME}" ; the lock; wherever %TEMP% points
SectionEnd

Function un.onInit
  ${GetParameters} $Given
  ${If} ${Silent} ; nothing that is not asked for
    ClearErrors
    ${GetOptions} $Given "/SIGNOUT" $R0
    ${If} ${Errors}
      !insertmacro UnselectSection ${SignOut}
    ${EndIf}
    ClearErrors
    ${GetOptions} $Given "/PURGE" $R0
    ${IfNot} ${Errors}
      !insertmacro SelectSection ${Data}
    ${EndIf}
  ${EndIf}
FunctionEnd

!insertmacro MUI_UNFUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${SignOut} $(AboutSignOut)
  !insertmacro MUI_DESCRIPTION_TEXT ${UnProgram} $(AboutUnProgram)
  !insertmacro MUI_DESCRIPTION_TEXT ${Data} $(AboutData)
!insertmacro MUI_UNFUNCTION_DESCRIPTION_END
